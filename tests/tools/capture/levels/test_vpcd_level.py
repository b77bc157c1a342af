"""A vpcd connection overheard."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from tests.tools.capture.levels.planted_codes import (
    DIGITS,
    assert_blanked,
    code_command,
    commands_of,
    pieces_of,
)
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.trace import blank_code
from tla_sim.reader_fw.cards.atr import PS_ATR
from tla_sim.tools.capture.levels.events import AnswerHeard, CommandHeard, Event, Piece, ResetHeard
from tla_sim.tools.capture.levels.vpcd_level import VpcdLevel


def framed(message: bytes) -> bytes:
    return len(message).to_bytes(2, "big") + message


def test_a_session_is_heard() -> None:
    level = VpcdLevel(Lad.PS)
    verify = bytes.fromhex("0020008108") + DIGITS
    blanked = verify[:5] + b"\xff" * 8
    events = level.hear(False, framed(b"\x01") + framed(b"\x04"), 1)
    events += level.hear(True, framed(PS_ATR), 2)
    events += level.hear(False, framed(b"\x04"), 3) + level.hear(True, framed(PS_ATR), 4)
    events += level.hear(False, framed(verify), 5) + level.hear(True, framed(b"\x90\0"), 6)
    assert events == [
        Piece(False, b"\x01", "power on", 1),
        Piece(False, b"\x04", "give the answer to reset", 1),
        Piece(True, PS_ATR, "", 2),
        ResetHeard(Lad.PS, PS_ATR, 2),
        Piece(False, b"\x04", "give the answer to reset", 3),
        Piece(True, PS_ATR, "", 4),
        Piece(False, blanked, "", 5),
        CommandHeard(Lad.PS, blanked, 5),
        Piece(True, b"\x90\0", "", 6),
        AnswerHeard(Lad.PS, b"\x90\0", 6),
    ]


@given(st.randoms(use_true_random=False))
def test_no_code_shows_however_the_bytes_are_split(rng: random.Random) -> None:
    level = VpcdLevel(Lad.PS)
    commands = [code_command(rng) for _ in range(3)]
    stream = b"".join(map(framed, commands))[: rng.choice([None, -4])]
    events: list[Event] = []
    at = 0
    while at < len(stream):
        size = rng.choice([1, 2, 5, 100])
        events += level.hear(False, stream[at : at + size], 0)
        at += size
    events += level.end()
    assert_blanked(events)
    assert commands_of(events)[:2] == [(Lad.PS, blank_code(Lad.PS, each)) for each in commands[:2]]
    assert len(pieces_of(events)) == 3


def test_one_that_joins_later_waits_until_the_driver_begins_a_message() -> None:
    verify = framed(bytes.fromhex("0020008108") + DIGITS)
    level = VpcdLevel(Lad.PS, joined=True)
    events = level.hear(False, verify[9:], 0) + level.hear(True, framed(b"\x90\0"), 0)
    assert not events
    events = level.hear(False, verify, 1)
    assert len(commands_of(events)) == 1
    assert_blanked(events)
