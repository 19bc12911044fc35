"""Changes above a limit, which wait for a second person."""
