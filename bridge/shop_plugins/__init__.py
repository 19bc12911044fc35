"""What of the bridge's own is in the shops: what it is told, and its life."""
