"""What people agreed to, and took back: when, how, and to which text."""
