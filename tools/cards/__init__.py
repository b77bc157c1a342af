"""Card files: issue, open, look at."""
