"""Templates of programmes: saving them, applying them."""
