"""What the bridge says to people, in their languages: texts, numbers, money, times."""
