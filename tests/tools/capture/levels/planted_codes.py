"""Commands with codes in them, and the search for what is left of them."""

from __future__ import annotations

import random
from collections.abc import Iterable

from tla_sim.protocol.apdu import CommandApdu
from tla_sim.protocol.lad import Lad
from tla_sim.tools.capture.levels.events import AnswerHeard, CommandHeard, Event, Piece, ResetHeard

DIGITS = b"29384756"
OTHER_DIGITS = b"80615243"
BCD = bytes.fromhex("1938475612")
CODE_INS = (0x20, 0x21, 0x24, 0x25, 0x26, 0x28, 0x2C, 0x2D)
_SEARCHED = 3


def code_command(rng: random.Random) -> bytes:
    """A card's command with codes in clear: short or extended, chained or not, on any channel."""
    cla = rng.choice([0x00, 0x10, 0x01, 0x0C, 0x80, 0x90, 0xA0])
    data = rng.choice([DIGITS, DIGITS + OTHER_DIGITS, BCD, DIGITS * 40, bytes(60) + DIGITS])
    return CommandApdu(cla, rng.choice(CODE_INS), 0, 1, data, rng.choice([0, 0, 256])).build()


def plain_command(rng: random.Random) -> bytes:
    """A command without a code."""
    return CommandApdu(0x00, 0xA4, 4, 0, bytes(rng.choice([0, 2, 40, 100])), 256).build()


def is_left(data: bytes) -> bool:
    """Whether three bytes of a code in a row are in these."""
    return any(
        code[at : at + _SEARCHED] in data
        for code in (DIGITS, OTHER_DIGITS, BCD)
        for at in range(len(code) - _SEARCHED + 1)
    )


def assert_blanked(events: Iterable[Event]) -> None:
    """Fail if anything of a code is in what was heard."""
    for event in events:
        match event:
            case Piece(_, data, note, _):
                assert not is_left(data), event
                assert not any(code in note.encode() for code in (DIGITS[:4], OTHER_DIGITS[:4])), event
            case CommandHeard(_, apdu, _):
                assert not is_left(apdu), event
            case AnswerHeard(_, response, _):
                assert not is_left(response or b""), event
            case ResetHeard():
                pass


def commands_of(events: Iterable[Event]) -> list[tuple[Lad, bytes]]:
    """The commands that were heard."""
    return [(event.lad, event.apdu) for event in events if isinstance(event, CommandHeard)]


def answers_of(events: Iterable[Event]) -> list[bytes | None]:
    """The answers that were heard."""
    return [event.response for event in events if isinstance(event, AnswerHeard)]


def pieces_of(events: Iterable[Event]) -> list[Piece]:
    """The blocks or messages that were heard."""
    return [event for event in events if isinstance(event, Piece)]
