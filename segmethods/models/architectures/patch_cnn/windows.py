"""The geometry of the window classifier, in pixels; apart from the network, so that reading it loads no torch."""

WINDOW = 147
"""Side of the window: the field of view of the network's last layer."""

STRIDE = 8
"""Distance between two windows of one dense pass."""

BEFORE = WINDOW // 2 - STRIDE // 2
"""What is added left of and above a picture, so that the first window's middle lies in the first square of 8 x 8."""

AFTER = WINDOW - STRIDE - BEFORE
"""What is added right of and below it."""
