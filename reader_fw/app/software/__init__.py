"""The reader's own software: its versions, its two banks, and where it starts from."""
