"""Showing members their points in the shops that can hold them."""
