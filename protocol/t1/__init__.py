"""ISO/IEC 7816-3 T=1 as a state machine for either end: bytes and ticks go in, actions come out."""
