"""Random orders for the oracle and for the bridge: lives of orders in the oracle's words
(:mod:`shopping.lives`), programmes (:mod:`shopping.promises`), and both told to the bridge in its
own (:mod:`shopping.telling`)."""
