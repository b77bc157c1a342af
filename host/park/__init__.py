"""The technician's look at readers: read each, judge it, report the park. Nothing here writes to a reader."""
