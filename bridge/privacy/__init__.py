"""Privacy: everything known of one person, told to him or taken away, over all stores."""
