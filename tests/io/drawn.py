"""What every labelling tool of the tests drew."""

import numpy as np

SIZE = (20, 30)
CAT = np.zeros(SIZE, bool)
CAT[4:12, 6:16] = True
DOG = np.zeros(SIZE, bool)
DOG[8:18, 12:24] = True
SCENE = np.where(DOG, 2, np.where(CAT, 1, 0)).astype(np.uint8)
"""A cat, and a dog before it."""
