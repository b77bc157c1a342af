"""The answer to reset of Log_SV, the reader's own software, when it poses as a card. Project-defined.

    3B 8F      TS; T0: TD1 follows, 15 historical bytes
    81 31      TD1: T=1, TD2 follows; TD2: T=1, TA3 and TB3 follow
    FE 45      TA3: IFSC 254; TB3: BWI 4, CWI 5
    80         the historical bytes are compact TLV (ISO/IEC 7816-4 §8.1.1)
    59 "TLALog_SV"   card issuer's data: not a card of any standard, but the reader's software
    73 00 00 40      card capabilities: extended length fields
    TCK        XOR of all bytes from T0 on

Source: ISO/IEC 7816-3 §8 for the form.
"""

from __future__ import annotations

from functools import reduce
from operator import xor
from typing import Final

_HISTORICAL: Final = b"\x80\x59TLALog_SV\x73\x00\x00\x40"
_BODY: Final = bytes((0x80 | len(_HISTORICAL), 0x81, 0x31, 0xFE, 0x45)) + _HISTORICAL

LOG_SV_ATR: Final = b"\x3b" + _BODY + bytes((reduce(xor, _BODY),))
"""The bytes by which a host recognises the slot that takes the commands of `tla_sim.protocol.commands`."""
