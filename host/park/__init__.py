"""Checking a technician's park of readers: read each, judge it, report. Nothing here writes to a reader."""
