"""The table of pairing rules in README.md: names are matched, and what came of it is printed.

python -m tests.rules
"""

from __future__ import annotations

from pathlib import Path

from segmethods.datasets.pairing import match_masks
from tests.tables import table

PAIRS = [
    ("cat.jpg", "cat.png"),
    ("IMG_1.JPG", "img_1.png"),
    ("cat.jpg", "cat.jpg.png"),
    ("cat.jpg", "cat_mask.png"),
    ("cat.jpg", "mask_cat.png"),
    ("0001.png", "0001_L.png"),
    ("cat.jpg", "cat_matte.png"),
    ("ulm_1_leftImg8bit.png", "ulm_1_gtFine_labelIds.png"),
    ("7_sat.jpg", "7_mask.png"),
    ("img_7.jpg", "mask_7.png"),
    ("cat_pred.png", "cat_gt.png"),
    ("cat.jpg", "cats.png"),
    ("1.png", "11.png"),
]


if __name__ == "__main__":
    rows = []
    for image, mask in PAIRS:
        found = match_masks([Path(image)], [Path(mask)]).masks
        rows.append((f"`{image}`", f"`{mask}`", "yes" if found else "no"))
    print(table(("image", "mask", "belong together"), rows, "lll"))
