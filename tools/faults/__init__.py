"""Faults as data: plans that can be printed, parsed and replayed, and the code that carries them out."""
