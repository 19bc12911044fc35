"""Products that come free from an order value on, and the baskets the bridge puts them in."""
