"""construct bound to frozen dataclasses, and the fast path derived from it."""
