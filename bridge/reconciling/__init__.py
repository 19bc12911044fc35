"""Finding and mending what is wrong in the books, and between the books and the shops."""
