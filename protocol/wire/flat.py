"""A construct structure of plain numbers, taken as one packed tuple: for the headers of every exchange."""

from __future__ import annotations

import struct

from construct import FormatField, Struct


def flat(declaration: Struct) -> struct.Struct:
    """The same layout as the standard library's Struct, some ten times faster than construct's compiled code.

    Raises TypeError for a part that is no number of a fixed size, or where the byte orders differ.
    """
    codes, orders = "", ""
    for part in declaration.subcons:
        field = part.subcon
        if not isinstance(field, FormatField):
            raise TypeError(f"{part.name} is no number of a fixed size")
        code = field.fmtstr[1:]
        codes += code
        if code != "B":
            orders += field.fmtstr[0]
    if len(dict.fromkeys(orders)) > 1:
        raise TypeError("the byte orders differ")
    return struct.Struct((orders[:1] or "<") + codes)
