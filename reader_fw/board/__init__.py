"""What the firmware runs on, handed in whole: nothing here reads a real clock, a real die or a file."""
