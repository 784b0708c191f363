"""The methods. Importing this package imports every module in it, and with that registers their methods.

A new method is one new file here. Modules of the package are imported in the order below; others follow by name.
"""

import importlib
import pkgutil

ORDER = ("threshold", "kmeans", "histogram", "edges", "patch_cnn", "fcn", "segnet", "deeplab", "ensemble")

_found = {module.name for module in pkgutil.iter_modules(__path__)}
for _name in [n for n in ORDER if n in _found] + sorted(_found - set(ORDER)):
    importlib.import_module(f"{__name__}.{_name}")
