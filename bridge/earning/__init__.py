"""Earning points: what an order or an activity is worth, and posting it."""
