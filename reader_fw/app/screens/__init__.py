"""The screens of a reader off its cable, and what its keys do."""
