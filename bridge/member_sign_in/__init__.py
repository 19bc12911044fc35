"""How a member gets to his own pages: by a code in a letter, or by a link that his shop signs."""
