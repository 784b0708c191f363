"""FCN: the facts about it; its torch module is in `model`."""

from segmethods.core.messages import Message
from segmethods.models.architectures.spec import FINE, NetworkSpec, Recipe

SPEC = NetworkSpec(
    id="fcn",
    title="FCN",
    source="Long, Shelhamer & Darrell 2015",
    year=2015,
    colour="#d55e00",
    builder="segmethods.models.architectures.fcn.model:FCN",
    description=Message(
        "FCN-8s on EfficientNet-Lite0: scores at strides 32, 16 and 8, added with learned upsampling; the coarsest are "
        "read off the last convolution of ImageNet’s classifier."
    ),
    differs=(
        Message("the encoder: EfficientNet-Lite0 instead of VGG-16"),
        Message("the training: everything at once instead of FCN-32s first, then FCN-16s, then FCN-8s"),
        Message("the loss: a Lovász loss beside the cross-entropy, and a teacher network for everyday photos"),
        Message(
            "an image-level head, with the weights for everyday photos: it credits every pixel with the classes that "
            "the image shows at all"
        ),
    ),
    weakness=Message("Borders are soft, since the finest scores are eight pixels apart; thin things vanish."),
    recipes=(
        Recipe(
            "fcn",
            "voc",
            146,
            side=320,
            batch=8,
            scales=(0.5, 1.5),
            size=352,
            rate=8e-4,
            backbone=0.2,
            photos=0.55,
            presence=True,
            start=None,
        ),
        Recipe("fcn", "camvid", 46, **FINE, start="deeplab-camvid"),
    ),
    ensemble_weight=0.7,
)
