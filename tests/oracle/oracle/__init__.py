"""A second opinion on every point.

From what shoppers did and what the programme promises, both told in words of its own
(:mod:`oracle.words`), it works out the books (:mod:`oracle.books`). It is written from the
documentation, shares no code with the bridge, and imports the standard library alone.
"""
