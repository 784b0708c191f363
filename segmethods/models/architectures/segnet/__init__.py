"""SegNet: the facts about it; its torch module is in `model`."""

from segmethods.core.messages import Message
from segmethods.models.architectures.spec import FINE, NetworkSpec, Recipe

SPEC = NetworkSpec(
    id="segnet",
    title="SegNet",
    source="Badrinarayanan, Kendall & Cipolla 2017",
    year=2017,
    colour="#cc79a7",
    builder="segmethods.models.architectures.segnet.model:SegNet",
    description=Message(
        "An encoder-decoder on EfficientNet-Lite0 that max-pools where the encoder had its strides after the stem, "
        "four times; the decoder un-pools with the indices of the same channels, two 3 × 3 convolutions fill the gaps "
        "after each, and no map is carried across."
    ),
    differs=(
        Message("the encoder: EfficientNet-Lite0 instead of VGG-16"),
        Message("the poolings: four, and a stem with a stride of two, instead of five"),
        Message("the size of the answer: half of the image’s, stretched to the whole, instead of the image’s own"),
        Message("the decoder: two convolutions after each un-pooling instead of two or three, with fewer channels"),
        Message(
            "an image-level head, with the weights for everyday photos: it credits every pixel with the classes that "
            "the image shows at all"
        ),
    ),
    weakness=Message(
        "Only indices carry detail from encoder to decoder, and what a thing is comes from one coarse map: it misses "
        "what is much smaller than the cells of that, 32 pixels."
    ),
    recipes=(
        # pooling in place of strides: the encoder sees other values, and has further to go
        Recipe(
            "segnet",
            "voc",
            90,
            side=256,
            batch=8,
            scales=(0.5, 1.5),
            rate=2e-3,
            backbone=0.15,
            frozen=2,
            presence=True,
            settled=True,
        ),
        Recipe(
            "segnet",
            "camvid",
            60,
            **FINE | {"side": 256, "finer": 0, "rate": 2e-3, "backbone": 0.15},
            start="segnet-voc",
        ),
    ),
    ensemble_weight=0.5,
    in_ensemble=False,
)
