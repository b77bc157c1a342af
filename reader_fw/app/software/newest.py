"""Which reader software is the newest. Imports nothing: `tla --version` tells it before all else."""

NEWEST_RELEASE = "1.40"
"""The release of the newest profile, as the field writes it."""
