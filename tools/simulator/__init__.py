"""The simulated reader: on a state directory, in memory or served, with its cables."""
