"""Surveys: asking, and what came of it."""
