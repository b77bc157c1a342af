"""The bytes that both ends agree on, each structure and command declared once."""
