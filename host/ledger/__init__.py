"""What the practice holds, in SQLite."""
