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

    Streamlit runs the collector after each run of a page, while all other visitors wait. It looks at 150,000 objects,
    which takes 0.1 s on one core; nearly all of them belong to modules and never become garbage.
    """
    for library in LIBRARIES:
        import_module(library)
    gc.collect()
    gc.freeze()
