"""Issue, open and inspect card files."""
