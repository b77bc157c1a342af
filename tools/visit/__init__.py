"""A person's hands on a reader off the cable: by a script, or in a terminal."""
