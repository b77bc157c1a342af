"""The simulated hardware that the firmware runs on: nothing here reads a real clock, randomness or a file."""
