"""The practice's side of the bench: load, bring back, sign, transmit, by the functions of the host."""
