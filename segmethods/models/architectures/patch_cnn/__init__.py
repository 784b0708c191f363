"""Patch-CNN: the facts about it; its torch module is in `model`."""

from segmethods.core.messages import Message
from segmethods.models.architectures.spec import STREETS, NetworkSpec, Recipe

SPEC = NetworkSpec(
    id="patch_cnn",
    title="Patch-CNN",
    source="Cireșan, Giusti, Gambardella & Schmidhuber 2012",
    year=2012,
    colour="#0072b2",
    builder="segmethods.models.architectures.patch_cnn.model:PatchCNN",
    description=Message(
        "A window classifier of VALID convolutions: the first four stages of EfficientNet-Lite0 without padding, "
        "window 147 × 147, one answer every 8 pixels."
    ),
    differs=(
        Message("the task: many classes in colour photos instead of membrane or not in grey microscope images"),
        Message(
            "the network: four pretrained stages of EfficientNet-Lite0 instead of four convolutions with max-pooling"
        ),
        Message("the window: 147 × 147 pixels instead of 95 × 95 at most"),
        Message("the step: all windows in one dense pass, 8 pixels apart, where the paper has one for each pixel"),
    ),
    weakness=Message(
        "It sees nothing beyond its window, so large things fall apart into what their parts look like; its answers "
        "are eight pixels apart."
    ),
    recipes=(
        Recipe("patch_cnn", "voc", 17, side=240, frozen=2, features=0.0),
        Recipe("patch_cnn", "camvid", 14, **STREETS, side=256, scales=(0.6, 1.7), size=480, start="deeplab-camvid"),
    ),
    ensemble_weight=0.5,
    in_ensemble=False,
    parts=("whole", "window"),
)
