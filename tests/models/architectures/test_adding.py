"""A new network is its folder in architectures and its method's file; everything else follows from its facts."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]

FACTS = """
from segmethods.core.messages import Message
from segmethods.models.architectures.spec import NetworkSpec, Recipe

SPEC = NetworkSpec(
    id="pointwise",
    title="Pointwise",
    source="Nobody 2031",
    year=2031,
    colour="#123456",
    builder="segmethods.models.architectures.pointwise.model:Pointwise",
    description=Message("One convolution of single pixels."),
    differs=(Message("everything: there is no paper"),),
    weakness=Message("It is blind to shape."),
    recipes=(Recipe("pointwise", "voc", 1),),
    ensemble_weight=0.3,
    in_ensemble=False,
)
"""

MODULE = """
from torch import Tensor, nn

from segmethods.models.architectures.backbone import Backbone
from segmethods.models.architectures.network import Network


class Pointwise(Network):
    output_stride = 2

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.backbone = Backbone(1)
        self.classifier = nn.Conv2d(16, classes, 1)

    def logits(self, image: Tensor) -> Tensor:
        return self.classifier(self.backbone(image)[-1])
"""

METHOD = '''
from typing import Annotated

from segmethods.core.types import Image, Segmentation
from segmethods.methods._network import WEIGHTS_ABOUT, InstancesChoice, WorkingSize, network_method
from segmethods.methods._network import predict, weights_for


@network_method("pointwise")
def pointwise(
    image: Image,
    *,
    weights: Annotated[str, WEIGHTS_ABOUT, weights_for("pointwise")] = "voc",
    size: WorkingSize = "auto",
    instances: InstancesChoice = "none",
) -> Segmentation:
    """Looks at each pixel alone."""
    return predict("pointwise", image, weights, size, instances)
'''

PROGRAM = """
import json, sys
import segmethods as sm
from segmethods.models.architectures import NETWORKS, build
from segmethods.methods import method_colour

listed = {m.id: {p.name: p for p in m.parameters} for m in sm.list_methods()}
light = "torch" not in sys.modules
from segmethods.training.recipes import RECIPES
print(json.dumps({
    "methods": list(listed),
    "networks": list(NETWORKS),
    "title": sm.get_method("pointwise").title,
    "weights": listed["pointwise"]["weights"].options,
    "members": listed["ensemble"]["members"].options,
    "label": listed["ensemble"]["members"].about.options["pointwise"],
    "default members": listed["ensemble"]["members"].default,
    "weight": listed["ensemble"]["weight_pointwise"].default,
    "colour": method_colour("pointwise"),
    "recipe": "pointwise-voc" in RECIPES,
    "light": light,
    "classes": build("pointwise", 5).classifier.out_channels,
}))
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package with another network in it."""
    package = tmp_path / "segmethods"
    shutil.copytree(ROOT / "segmethods", package, ignore=shutil.ignore_patterns("__pycache__"))
    for place in (tmp_path, package):
        (place / "assets").symlink_to(ROOT / "assets")
    folder = package / "models" / "architectures" / "pointwise"
    folder.mkdir()
    (folder / "__init__.py").write_text(FACTS)
    (folder / "model.py").write_text(MODULE)
    (package / "methods" / "pointwise.py").write_text(METHOD)
    return tmp_path


def test_a_network_is_its_folder_and_its_method(copy: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(copy)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=copy, env=environment, capture_output=True, text=True, timeout=110
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["networks"] == ["patch_cnn", "fcn", "segnet", "deeplab", "pointwise"]
    assert found["methods"][-2:] == ["pointwise", "ensemble"]
    assert (found["title"], found["label"], found["colour"]) == ("Pointwise", "Pointwise", "#123456")
    assert found["weights"] == ["voc"]
    assert found["members"] == found["networks"]
    assert found["default members"] == ["fcn", "deeplab"]
    assert (found["weight"], found["recipe"], found["classes"]) == (0.3, True, 5)
    assert found["light"]
