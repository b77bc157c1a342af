"""What leaves: lots, files of lots, sending once, and the recipient's answers (ARL)."""
