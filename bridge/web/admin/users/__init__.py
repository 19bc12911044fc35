"""Who works with the bridge: accounts, signing in, tokens."""
