"""What a merchant set for his workspace besides the programme: limits, branding, languages."""
