"""The round, from the workstation: push, pull, sign, erase, transmit."""
