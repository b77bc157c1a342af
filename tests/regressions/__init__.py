"""What fuzzing found, kept: each file failed once and must never fail again."""
