"""Named states: what one test brings about, another test starts from."""
