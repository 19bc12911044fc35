"""Orders of every shop, as last handled: what earning, tiers and segments are computed from."""
