"""ISO/IEC 7816-3 T=1: a state machine that takes bytes and ticks and gives actions, in either role."""
