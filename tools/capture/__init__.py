"""Traces for Wireshark: what a reader, a card or a line was sent and answered, as pcapng."""
