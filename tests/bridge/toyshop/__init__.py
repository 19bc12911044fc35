"""Shops that live in this process, with everything a test may want to happen in them."""

from toyshop.shop import Call, Instead, Lost, Raises, Style, ToyShop, When
from toyshop.world import BASE, Clock, World, programme

__all__ = [
    "BASE",
    "Call",
    "Clock",
    "Instead",
    "Lost",
    "Raises",
    "Style",
    "ToyShop",
    "When",
    "World",
    "programme",
]
