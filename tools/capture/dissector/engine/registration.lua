-- Wireshark makes no tree when it first reads a file, unless somebody listens with a filter; without a tree it
-- finds no fields, and the answers would not find their commands.
Listener.new(nil, "iso7816 || usbccid")

register_postdissector(tla)
