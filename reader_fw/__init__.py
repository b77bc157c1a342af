"""The reader: its firmware, the board that it runs on, and the cards for its slots. Only `serve` does I/O."""
