"""One client's programme kept as a template, and applied to another with its names mapped."""
