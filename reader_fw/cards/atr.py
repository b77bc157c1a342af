"""Answers to reset (ISO/IEC 7816-3 §8) of the cards, and the transmission protocol each announces."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from functools import reduce
from operator import xor
from types import MappingProxyType
from typing import Final

from tla_sim.protocol.card_kind import CardModel


class Transmission(IntEnum):
    """The transmission protocol a card speaks (ISO/IEC 7816-3 §10 and §11)."""

    T0 = 0
    T1 = 1


PS_ATR: Final = bytes.fromhex("3BAC00402A001225006480000310009000")
"""PS cards of the model CPS3, from public lists."""
CPS4_ATR: Final = bytes.fromhex("3B9B188001001225006480040100009044")
"""PS cards of the model CPS4, from the CPS Cryptolib. It offers T=0 first, and T=1 besides."""
VITALE_ATR: Final = bytes.fromhex("3B751300004409EA9000")
"""The usual Vitale 2, from public lists."""
VITALE_1_ATR: Final = bytes.fromhex("3F6525002209699000")
"""The usual Vitale 1, from public lists; its first byte announces the inverse convention."""

ATRS: Final[Mapping[CardModel, tuple[bytes, ...]]] = MappingProxyType(
    {
        CardModel.CPS3: (PS_ATR,),
        CardModel.CPS4: (CPS4_ATR,),
        CardModel.VITALE_2: (
            VITALE_ATR,
            *(bytes.fromhex(f"3B75130000{mask}9000") for mask in ("4309EA", "4509EA", "4509FA", "4709EA")),
        ),
        CardModel.VITALE_1: (
            VITALE_1_ATR,
            *(bytes.fromhex(f"3F652500{mask}9000") for mask in ("2209F9", "2C0969", "2C09F9")),
            *(bytes.fromhex(f"3F652500{mask}9000") for mask in ("52096A", "A3096A", "A4096A")),
        ),
    }
)
"""The answers to reset that public lists give for the T=0 cards of each model, the usual one first."""


def atr_of(model: CardModel, transmission: Transmission, chosen: bytes = b"") -> bytes:
    """Return the answer to reset of a card (9 to 18 bytes): `chosen` or, if that is empty, the usual one.

    That of a T=1 card is Project-defined: the same historical bytes behind TD1 = 81, TD2 = 31, IFSC 254,
    BWI 4 and CWI 5, and the check byte that T=1 requires.
    """
    atr = chosen or ATRS[model][0]
    if transmission is Transmission.T0:
        return atr
    historical = historical_bytes(atr)
    body = bytes((0x80 | len(historical), 0x81, 0x31, 0xFE, 0x45)) + historical
    return b"\x3b" + body + bytes((reduce(xor, body),))


def historical_bytes(atr: bytes) -> bytes:
    """Return the historical bytes of an answer to reset (ISO/IEC 7816-3 §8.2.4), without a check byte."""
    start, _ = _interface(atr)
    return atr[start : start + (atr[1] & 0x0F)]


def offered_protocols(atr: bytes) -> tuple[Transmission, ...]:
    """Return the protocols of T=0 and T=1 that an answer to reset offers, the first one first (§8.2.3)."""
    _, named = _interface(atr)
    return tuple(dict.fromkeys(Transmission(each) for each in named or (0,) if each in (0, 1)))


def is_whole(atr: bytes) -> bool:
    """Return whether an answer to reset of 2 bytes or more has as many as it announces (§8.2).

    Its check byte counts, which only one that names no protocol but T=0 does without.
    """
    try:
        start, named = _interface(atr)
    except IndexError:
        return False
    return len(atr) == start + (atr[1] & 0x0F) + any(named)


def _interface(atr: bytes) -> tuple[int, tuple[int, ...]]:
    """Return where the interface bytes end, and the protocols named there in order (§8.2.3)."""
    present, end = atr[1] >> 4, 2
    named: list[int] = []
    while present & 8:
        end += present.bit_count()
        named.append(atr[end - 1] & 0x0F)
        present = atr[end - 1] >> 4
    return end + present.bit_count(), tuple(named)
