"""Who signs in to the bridge: staff of merchants and agencies, their roles and sessions."""
