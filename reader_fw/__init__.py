"""The reader: firmware, the board it runs on, and the cards that go into it. No I/O of its own."""
