"""Records: frozen dataclasses and NamedTuples that travel, and the code derived from their fields."""
