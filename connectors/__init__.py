"""Connectors: each speaks to one shop platform and knows nothing of loyalty or of the bridge."""
