"""The extcap: Wireshark lists running readers, serial ports and PC/SC slots, and captures them live."""
