"""SSV groups: how they are declared, the dictionary of known groups, how they travel on our line."""
