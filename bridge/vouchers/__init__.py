"""Codes worth money once, in one store: for points, for a next purchase, for a friend."""
