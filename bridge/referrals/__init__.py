"""Members who bring their friends, and partners who are credited for what theirs buy."""
