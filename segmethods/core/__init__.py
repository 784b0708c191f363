"""Plain values that everything else stands on: no file formats of pictures, no algorithms."""
