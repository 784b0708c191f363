"""How work is run: one image and many methods, the cache of outcomes, worker processes and their pool."""
