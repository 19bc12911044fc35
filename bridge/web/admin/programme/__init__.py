"""The programme: what it says, and one form for each entry."""
