"""Members' own pages: what they have, what becomes of it, and what they can do with it."""
