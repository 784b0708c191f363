"""The libraries that pages need, loaded before the first visitor comes."""

import gc
from importlib import import_module

LIBRARIES = (
    "cv2",
    "pandas",
    "plotly.graph_objects",
    "scipy.ndimage",
    "scipy.optimize",
    "scipy.sparse.csgraph",
    "scipy.spatial",
    "skimage.measure",
    "skimage.morphology",
)


def preload_libraries() -> None:
    """Load them, and spare the garbage collector what they hold.

    Streamlit has it look at everything that is alive after each run of a page, while all other visitors wait: that are
    150,000 objects and 0.1 s on one core, nearly all of it modules, which never become garbage.
    """
    for library in LIBRARIES:
        import_module(library)
    gc.collect()
    gc.freeze()
