"""What goes into the slots: ISO 7816-4 cards, and the test PKI that issues them."""
