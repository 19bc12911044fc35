"""Plays what a live shop answered against the sandbox and tells every difference."""
