"""The `tla` command, the demonstration, the benchmarks and QA's instruments."""
