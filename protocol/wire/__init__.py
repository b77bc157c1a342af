"""Records: the dataclasses and NamedTuples that travel, and the codec derived from their fields."""
