"""What would change in the shops, approving it, and what became of it."""
