"""Figures of a programme: what a merchant looks at to see whether it works."""
