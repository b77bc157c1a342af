"""Wireshark dissectors, generated from the declarations."""
