"""Why a folder is no data set, and why files of one take no part."""

from __future__ import annotations

from segmethods.core.messages import Message
from segmethods.io.labelling_tools import BOXES

NOTHING = Message(
    "{folder} holds no data set. It needs images/ and masks/ with files of the same names, or another of the "
    "layouts that README.md lists."
).template
SEVERAL = Message("{folder} holds several data sets. Name one of them: {choices}.").template
UNMASKED = (NOTHING, BOXES)
"""Why a folder is no data set of a known layout, where outlines may still lie beside its pictures."""
NO_TRUTH = Message("No mask has this picture's name. Add one, or take the picture out.")
OTHER_FORM = Message(
    "{file} isn't read, since the other truths are {layout}. Use one form of truth, or take the picture out."
)
OTHER_MASK = Message("{image} has another mask, {mask}, which counts. Take one of them out.")
NO_IMAGE = Message("No picture has this mask's name. Add it, or take the mask out.")
NO_FORMAT = Message("This is not a PNG, JPEG, WebP, TIFF, BMP or GIF file. Save it as one of them.")
NO_FILE = Message("The list names it, but it isn't there. Add it, or take it off the list.")
SAME_NAME = Message("Another file has the same name except for its ending. Rename one of them.")
PICTURE_REFUSED = Message("Its picture, {file}, was left out, and the list says why.")
TRUTH_REFUSED = Message("Not judged, since the truth was left out: {files}.")
