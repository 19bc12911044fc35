"""What members are written to, when, and how it is said to each in his language."""
