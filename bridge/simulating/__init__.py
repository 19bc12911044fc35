"""What a basket costs and earns in each store, and why: told without asking a shop, and without
writing anything."""
