"""Plays what a live shop answered against the sandbox and tells every difference."""

PRODUCTS = 230
"""Size of the catalogue most tests use: single articles, and families of variants."""
