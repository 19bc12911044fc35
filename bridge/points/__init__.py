"""The one book of points: accounts, lots and entries, and everything that may write them."""
