"""The `tla` command, the demonstration, the benchmarks and QA's instruments."""

__version__ = "1.40.0"
