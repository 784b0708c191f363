"""How each network is trained on each vocabulary; the numbers stand beside the architectures."""

from segmethods.models.architectures import NETWORKS
from segmethods.models.architectures.spec import Recipe

__all__ = ["RECIPES", "UNTOLD", "Recipe"]

RECIPES: dict[str, Recipe] = {
    f"{recipe.network}-{recipe.variant}": recipe for spec in NETWORKS.values() for recipe in spec.recipes
}

UNTOLD = {"network", "variant", "minutes", "size", "start"}
"""Settings that the header of a weight file tells elsewhere than among those of its recipe, or otherwise."""
