"""Tokens by which programs use the API, and what they asked for already."""
