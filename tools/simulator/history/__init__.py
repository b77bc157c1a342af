"""The history of a simulated reader: what was done to it, recorded, and replayed up to any moment."""
