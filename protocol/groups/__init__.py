"""SSV groups: how one is declared, the dictionary of those known, how they travel on our line."""
