"""Networks seen from inside: what the lessons show.

A look is a method of family "inside": its signature is its form, it runs in a worker, and its evidence holds what a
network did on the way to an answer, or how the answer changes when a part of the network is left out. Looks stand in no
list of methods; a page asks for them by name. Importing this package imports every module in it and nothing heavy.
"""

import importlib
import pkgutil

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
