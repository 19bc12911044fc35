"""How the programme and the shops are doing, in figures and charts."""
