"""Data sets: layouts of folders, archives, generated shapes, and one reader for all of them."""
