"""The geometry of the window classifier, in pixels; apart from the torch module, so that reading it loads no torch."""

WINDOW = 147
"""Side of the window: the receptive field of the network's last layer."""

STRIDE = 8
"""Distance between two windows of one dense pass."""

PAD_LEFT_TOP = WINDOW // 2 - STRIDE // 2
"""Padding on the left and top, so that the first window's centre lies in the first square of 8 x 8."""

PAD_RIGHT_BOTTOM = WINDOW - STRIDE - PAD_LEFT_TOP
"""Padding on the right and bottom."""
