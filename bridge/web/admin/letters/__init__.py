"""Letters to members: settings, the merchant's own words, how they look."""
