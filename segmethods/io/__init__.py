"""Bytes to arrays and back: images, ground-truth masks, label maps, samples. The only decoders of the project."""
