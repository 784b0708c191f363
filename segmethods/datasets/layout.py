"""What is known of how one kind of data set lies in folders."""

from __future__ import annotations

from dataclasses import dataclass

from segmethods.core.types import Vocabulary
from segmethods.datasets.sample_refs import Kind
from segmethods.io.images import SUFFIXES


@dataclass(frozen=True)
class Layout:
    """How one kind of data set lies in folders.

    Parameters
    ----------
    name : str
        What people call it.
    images, masks : str
        Patterns of the folders of the images and of their masks, see :mod:`segmethods.datasets.folder_patterns`.
    shows : str
        What lies where, as Markdown, for the table in README.md.
    image_name, mask_name : str
        Patterns of file names without their endings, in lower case, whose group is what an image and its mask share.
        All names if left out. Files with other names take no part.
    endings : tuple of str
        How names of masks end.
    lists : str
        A folder with text files that name the images of each part, a name a line.
    ids : str
        What the ids of the masks become, a key of :data:`segmethods.io.id_maps.PRESETS`.
    classes : Vocabulary or None
        The classes where no file names them.
    at : str
        A pattern of the root folder's name, in lower case; any name if left out.
    regions : bool
        Whether the masks are regions without names.
    kind : str
        How the masks are read, as `segmethods.datasets.sample_refs.SampleRef` has it, where they needn't be looked at.
    blank : str
        A pattern of folders, in lower case, whose images have no mask since they show nothing but background.
    names : str
        The file by which its tool names the classes, which is missed where it isn't there.
    """

    name: str
    images: str
    masks: str
    shows: str
    image_name: str = ""
    mask_name: str = ""
    endings: tuple[str, ...] = SUFFIXES
    lists: str = ""
    ids: str = ""
    classes: Vocabulary | None = None
    at: str = ""
    regions: bool = False
    kind: Kind | None = None
    blank: str = ""
    names: str = ""
