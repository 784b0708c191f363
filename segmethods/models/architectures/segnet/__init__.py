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
        "An encoder-decoder on EfficientNet-Lite0 with max-pooling beside each of its four halvings after the stem; "
        "the coarsest map is scored, and the decoder un-pools scores and features with the indices of that pooling, "
        "fills the gaps by normalised convolution and has no skip concatenation."
    ),
    differs=(
        Message("the encoder: EfficientNet-Lite0 instead of VGG-16"),
        Message("the poolings: four, beside convolutions that halve the map, instead of five that halve it alone"),
        Message("the scores: read off the coarsest map and carried up to half the image’s size, not made at full size"),
        Message("the indices: taken in turn from the encoder’s channels, not from the same channel"),
        Message("the gaps: filled by normalised convolution as well, not by learned convolutions alone"),
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
        Recipe("segnet", "voc", 52, side=256, batch=10, scales=(0.5, 1.5), presence=True),
        Recipe("segnet", "camvid", 38, **FINE, start="fcn-camvid"),
    ),
    ensemble_weight=0.5,
)
