"""Planted bugs: each makes one function of firmware or loader wrong, to prove that it is found."""
