"""The cards that go into the slots (ISO/IEC 7816-4), and the test PKI that issues them."""
