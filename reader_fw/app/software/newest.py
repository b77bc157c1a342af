"""The newest release of the reader software. Imports nothing, since `tla --version` must be fast."""

NEWEST_RELEASE = "1.40"
"""The release of the newest profile."""
