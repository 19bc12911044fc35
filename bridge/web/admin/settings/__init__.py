"""What holds for the whole workspace."""
