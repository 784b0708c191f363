"""DeepLab: the facts about it; its torch module is in `model`."""

from segmethods.core.messages import Message
from segmethods.models.architectures.spec import FINE, NetworkSpec, Recipe

SPEC = NetworkSpec(
    id="deeplab",
    title="DeepLab",
    source="Chen, Papandreou, Schroff & Adam 2017; Chen et al. 2018",
    year=2018,
    colour="#bb3344",
    builder="segmethods.models.architectures.deeplab.model:DeepLab",
    description=Message(
        "EfficientNet-Lite0 with atrous last stages (output stride 16), atrous spatial pyramid pooling with image "
        "pooling, whose 1 × 1 branch is the last convolution of ImageNet’s classifier, and a small decoder at stride 4."
    ),
    differs=(
        Message("the encoder: EfficientNet-Lite0 instead of ResNet-101 or Xception"),
        Message("the atrous rates: 3, 6 and 9 instead of 6, 12 and 18, both at output stride 16"),
        Message(
            "the pyramid: its 1 × 1 branch is the last convolution of ImageNet’s classifier, with 1,280 channels, and "
            "each other branch has 128, where the paper has 256 in every branch"
        ),
        Message("the decoder: one separable 3 × 3 convolution of 96 channels instead of two of 256"),
        Message(
            "an image-level head, with the weights for everyday photos: it credits every pixel with the classes that "
            "the image shows at all"
        ),
    ),
    weakness=Message(
        "Thin things (legs, wheels, poles) are rounded off, since context comes from a map of sixteenths."
    ),
    recipes=(
        # crops that often hold a whole image: its context tells what a thing is
        Recipe(
            "deeplab",
            "voc",
            112,
            side=320,
            batch=8,
            scales=(0.55, 1.4),
            size=416,
            rate=8e-4,
            backbone=0.2,
            photos=0.55,
            presence=True,
        ),
        Recipe("deeplab", "camvid", 147, **FINE),
    ),
    ensemble_weight=1.4,
)
