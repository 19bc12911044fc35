"""Stores: adding one, how each is, its plugin, letting go of it."""
