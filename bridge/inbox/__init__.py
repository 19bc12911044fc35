"""What comes in: signals that something changed, and the whole of what was then fetched."""
