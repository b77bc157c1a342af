"""Benchmarks: each figure is reported beside a named baseline of the same run."""
