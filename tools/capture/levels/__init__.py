"""What lies under the APDUs: T=1 blocks, CCID messages and vpcd messages, cut from the bytes of a line.

Every class takes bytes and the time, and returns events. Nothing that leaves here holds a code porteur: what
`protocol/trace.py::blank_code` blanks in a whole command is blanked wherever its bytes travel.
"""
