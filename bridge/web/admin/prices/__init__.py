"""Price lists: tables, rules, files."""
