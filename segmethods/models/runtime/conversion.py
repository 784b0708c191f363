"""From torch to OpenVINO: a network with its numbers in it, or as a graph that takes them from a file of weights."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, Literal

import openvino as ov
import openvino.opset13 as ops
import torch
from openvino.frontend import FrontEndManager
from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder
from openvino.passes import ConstantFolding, Manager

from segmethods.models.architectures.patch_cnn.windows import WINDOW
from segmethods.models.runtime.assembly import assemble
from segmethods.models.runtime.openvino import read_numbers
from segmethods.models.weights import Weights


def convert(weights: Weights, file: Path, part: Literal["whole", "window"]) -> Any:
    """The network of a weights file as an OpenVINO model, its numbers untouched.

    ``openvino.convert_model`` would already multiply the batch normalisation into the filters, and then no number would
    be that of the file any more; OpenVINO does that when it compiles a model, with the same result.
    """
    side = WINDOW if part == "window" else 160
    example = torch.zeros(1, side, side, 3, dtype=torch.uint8)
    frontend = FrontEndManager().load_by_framework("pytorch")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # OpenVINO still traces with torch.jit
        decoder = TorchScriptPythonDecoder(assemble(weights, file, part), example_input=example)
        model = frontend.convert(frontend.load(decoder))
    model.reshape({0: ov.PartialShape([-1, -1, -1, 3])})
    return model


def convert_to_graph(weights: Weights, file: Path, part: Literal["whole", "window"]) -> Any:
    """The same model with an input in place of every tensor of the file, called as it is there; see `read_graph`.

    Raises
    ------
    ValueError
        If a tensor of the file is not in the model as it is in the file.
    """
    model, numbers = convert(weights, file, part), read_numbers(file)
    prefix = "self.network.network." if part == "window" else "self.network."
    for constant in model.get_ops():
        name = constant.get_friendly_name().removeprefix(prefix)
        if constant.get_type_name() != "Constant" or name not in numbers:
            continue
        value = numbers.pop(name)
        if value.shape != constant.data.shape or (value != constant.data).any():
            raise ValueError(f"{name} of {weights.name} was changed by the conversion")
        parameter = ops.parameter(list(value.shape), ov.Type.f32, name=name)
        constant.output(0).replace(parameter.output(0))
        model.add_parameters([parameter])
    if numbers:
        raise ValueError(f"{', '.join(numbers)} of {weights.name} are not in the converted network")
    folding = Manager()
    folding.register_pass(ConstantFolding())
    folding.run_passes(model)
    return model
