"""The versions of the reader's own software, its two banks in flash, and updates."""
