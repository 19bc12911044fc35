"""Loyalty tiers: who reached which, and the customer group it leads to."""
