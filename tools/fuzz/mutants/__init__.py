"""Planted bugs: each replaces one function of firmware or loader by a wrong one, to prove that it is found."""
