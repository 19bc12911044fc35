"""Loyalty Bridge: one price list and one loyalty programme over many shops."""

__version__ = "0.1.0"
