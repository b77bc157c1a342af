"""The `tla` command: one file a verb."""
