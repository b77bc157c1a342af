"""The desk: degraded billing, marks, lists, scans, care sheets, rectification."""
