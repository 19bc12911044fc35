"""Surveys: the merchant asks his members, and they answer; some answers earn points."""
