"""Customer groups, and how each is mapped to the shops'."""
