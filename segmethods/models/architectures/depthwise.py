"""Depthwise convolution whose backward pass is about as fast as its forward pass.

On CPUs the stock backward pass of such a filter takes five to twenty times as long as the forward pass, and far longer
in bfloat16: a training step would mostly wait for it. At stride one the gradient of the input is the gradient of the
output, filtered with the kernel turned by 180 degrees; the gradient of the kernel is fastest in float32.
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Depthwise(nn.Conv2d):
    """A convolution without bias with one group per channel; its outputs are those of ``nn.Conv2d``."""

    def forward(self, x: Tensor) -> Tensor:
        """Filter each channel of maps, (N, C, h, w)."""
        if not (torch.is_grad_enabled() and self.weight.requires_grad):
            return super().forward(x)
        filtered: Tensor = _Filter.apply(x, self.weight, self.stride[0], int(self.padding[0]), self.dilation[0])
        return filtered


class _Filter(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, kernel: Tensor, stride: int, padding: int, dilation: int) -> Tensor:
        ctx.save_for_backward(x, kernel)
        ctx.places = stride, padding, dilation
        return F.conv2d(x, kernel, None, stride, padding, dilation, groups=len(kernel))

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, Tensor | None, None, None, None]:
        (gradient,) = gradients
        x, kernel = ctx.saved_tensors
        stride, padding, dilation = ctx.places
        wanted, turns = ctx.needs_input_grad[0], stride == 1
        wide = torch.promote_types(x.dtype, torch.float32)
        given, learned, _ = torch.ops.aten.convolution_backward(
            gradient.to(wide),
            x.to(wide),
            kernel.to(wide),
            None,
            [stride] * 2,
            [padding] * 2,
            [dilation] * 2,
            False,
            [0, 0],
            len(kernel),
            [wanted and not turns, ctx.needs_input_grad[1], False],
        )
        if wanted and turns:
            margin = dilation * (kernel.shape[2] - 1) - padding
            turned = kernel.flip(2, 3).to(gradient.dtype)
            given = F.conv2d(gradient, turned, None, 1, margin, dilation, groups=len(kernel))
        return given, learned, None, None, None
