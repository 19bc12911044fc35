"""Members: finding one, what is known of him, and what staff may do for him."""
