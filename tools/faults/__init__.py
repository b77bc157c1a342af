"""Faults as data: plans that can be printed, read back and replayed, and what makes them happen."""
