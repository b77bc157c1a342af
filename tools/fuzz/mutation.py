"""Make flawed bytes, in nine ways from valid to raw. Project-defined."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Any, Final

from tla_sim.protocol.wire.record import Record
from tla_sim.tools.fuzz.chance import Chance, pick
from tla_sim.tools.fuzz.grammar import NO_WORDS, Lexicon, Shade, record_node


class Flaw(Enum):
    """What is wrong with the bytes of a value."""

    VALID = "valid"
    BOUNDARY = "boundary"
    OFF_BY_ONE = "off by one"
    WRONG_TYPE = "wrong type"
    TRUNCATED = "truncated"
    OVERSIZED = "oversized"
    DUPLICATED = "duplicated"
    REORDERED = "reordered"
    RAW = "raw"


FLAWS: Final = tuple(Flaw)
_SHADES: Final = {
    Flaw.BOUNDARY: Shade.BOUNDARY,
    Flaw.OFF_BY_ONE: Shade.OFF_BY_ONE,
    Flaw.WRONG_TYPE: Shade.WRONG_TYPE,
}
_INTERESTING: Final = (0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF)


def write(record: Record[Any], chance: Chance, flaw: Flaw, words: Lexicon = NO_WORDS) -> bytes:
    """Return the bytes of a record with one flaw."""
    node = record_node(record)
    shade = _SHADES.get(flaw, Shade.VALID)
    pieces = node.pieces(chance, shade, words)
    return b"".join(pieces) if flaw is Flaw.VALID or flaw in _SHADES else spoil(pieces, chance, flaw)


def spoil(pieces: Sequence[bytes], chance: Chance, flaw: Flaw) -> bytes:
    """Join the pieces of a structure with a flaw of shape: truncated, oversized, doubled, swapped or raw."""
    match flaw:
        case Flaw.TRUNCATED:
            whole = b"".join(pieces)
            return whole[: chance.below(len(whole))] if whole else b""
        case Flaw.OVERSIZED:
            extra = pick(chance, (1, 1, 2, 16, 255, 1024))
            return b"".join(pieces) + chance.data(extra)
        case Flaw.DUPLICATED if pieces:
            at = chance.below(len(pieces))
            return b"".join((*pieces[: at + 1], *pieces[at:]))
        case Flaw.REORDERED if len(pieces) > 1:
            swapped = list(pieces)
            first, second = chance.below(len(pieces)), chance.below(len(pieces))
            swapped[first], swapped[second] = swapped[second], swapped[first]
            return b"".join(swapped)
        case Flaw.RAW:
            return mutated(b"".join(pieces), chance)
        case _:
            return b"".join(pieces)


def mutated(raw: bytes, chance: Chance) -> bytes:
    """Return the bytes after one to three blind changes."""
    out = bytearray(raw)
    for _ in range(1 + chance.below(3)):
        at = chance.below(len(out) + 1)
        match chance.below(6):
            case 0 if at < len(out):
                out[at] ^= 1 << chance.below(8)
            case 1 if at < len(out):
                out[at] = pick(chance, _INTERESTING)
            case 2:
                out[at:at] = chance.data(1 + chance.below(4))
            case 3:
                del out[at : at + 1 + chance.below(8)]
            case 4 if at < len(out):
                out[at:at] = out[at : at + 1 + chance.below(16)]
            case _ if at < len(out):
                out[at] = chance.below(256)
            case _:
                pass
    return bytes(out)
