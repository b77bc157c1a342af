"""What the reader shows off the cable, and what its keys do."""
