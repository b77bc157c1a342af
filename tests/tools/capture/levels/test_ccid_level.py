"""A CCID line overheard: its messages, its APDUs, and nothing of a code."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tools.capture.levels.planted_codes import (
    DIGITS,
    answers_of,
    assert_blanked,
    code_command,
    commands_of,
    pieces_of,
    plain_command,
)
from tla_sim.protocol.ccid import NAK_FRAME, Answer, IccStatus, Kind, Request, frame_message
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.log_sv_atr import LOG_SV_ATR
from tla_sim.protocol.t1.block import Block, Edc, Information
from tla_sim.protocol.trace import blank_code
from tla_sim.reader_fw.cards.atr import PS_ATR
from tla_sim.tools.capture.levels.ccid_level import CcidLevel
from tla_sim.tools.capture.levels.events import Event, ResetHeard

VERIFY = bytes.fromhex("0020008108") + DIGITS
OK = b"\x90\x00"
PS, LOG_SV, UNKNOWN = 0, 2, 4


class Line:
    """Puts messages on a line that a level hears."""

    def __init__(self) -> None:
        self.level = CcidLevel()
        self.sequence = 0
        self.events: list[Event] = []

    def ask(self, kind: Kind, slot: int, data: bytes = b"", level: int = 0) -> None:
        self.sequence = (self.sequence + 1) & 0xFF
        request = Request(kind, slot, self.sequence, data, 0, level & 0xFF, level >> 8)
        self.hear(False, frame_message(request.build()))

    def say(self, kind: Kind, slot: int, data: bytes = b"", chain: int = 0) -> None:
        answer = Answer(kind, slot, self.sequence, IccStatus.ACTIVE, detail=chain, data=data)
        self.hear(True, frame_message(answer.build()))

    def hear(self, from_reader: bool, data: bytes) -> None:
        self.events += self.level.hear(from_reader, data, 0)

    def power(self, slot: int, atr: bytes) -> None:
        self.ask(Kind.ICC_POWER_ON, slot)
        self.say(Kind.DATA_BLOCK, slot, atr)

    def transfer(self, slot: int, data: bytes, answer: bytes = OK, level: int = 0) -> None:
        self.ask(Kind.XFR_BLOCK, slot, data, level)
        self.say(Kind.DATA_BLOCK, slot, answer)

    def transfer_blocks(self, slot: int, apdu: bytes, size: int) -> None:
        """Carry a command in T=1 blocks, after an exchange without data."""
        parts = [apdu[at : at + size] for at in range(0, len(apdu), size)]
        for number, part in enumerate(parts):
            more = number < len(parts) - 1
            block = Block(0, Information(number & 1, more), part).build(Edc.LRC)
            answer = bytes((0, 0x80 | (number + 1 & 1) << 4, 0, 0x80 | (number + 1 & 1) << 4))
            self.transfer(slot, block, answer if more else Block(0, Information(0, False), OK).build(Edc.LRC))

    def all(self) -> list[Event]:
        return [*self.events, *self.level.end()]


@pytest.fixture
def line() -> Line:
    return Line()


def test_a_code_command_to_a_t0_card_is_blanked_in_its_message(line: Line) -> None:
    line.power(PS, PS_ATR)
    line.transfer(PS, VERIFY, b"\x63\xc2")
    events = line.all()
    message = pieces_of(events)[2].data
    assert Request.parse(message).data == VERIFY[:5] + b"\xff" * 8
    assert ResetHeard(Lad.PS, PS_ATR, 0) in events
    assert commands_of(events) == [(Lad.PS, VERIFY[:5] + b"\xff" * 8)]
    assert answers_of(events) == [b"\x63\xc2"]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 13])
def test_a_code_command_in_t1_blocks_is_blanked_in_good_blocks(line: Line, size: int) -> None:
    line.power(LOG_SV, LOG_SV_ATR)
    line.transfer_blocks(LOG_SV, VERIFY, size)
    events = line.all()
    assert_blanked(events)
    assert commands_of(events) == [(Lad.LOG_SV, blank_code(Lad.LOG_SV, VERIFY))]
    blocks = [Request.parse(each.data).data for each in pieces_of(events)[2:] if not each.from_reader]
    assert b"".join(Block.parse(each, Edc.LRC).inf for each in blocks) == VERIFY[:5] + b"\xff" * 8


def test_a_long_apdu_in_several_messages_is_blanked_in_all(line: Line) -> None:
    line.power(PS, PS_ATR)
    apdu = bytes.fromhex("00200081000190") + DIGITS * 50
    line.transfer(PS, apdu[:6], level=1)
    line.transfer(PS, apdu[6:200], level=3)
    line.transfer(PS, apdu[200:], level=2)
    events = line.all()
    assert_blanked(events)
    assert commands_of(events) == [(Lad.PS, blank_code(Lad.PS, apdu))]


def test_data_that_a_t0_card_asks_for_after_the_header_are_blanked(line: Line) -> None:
    line.power(PS, PS_ATR)
    line.transfer(PS, VERIFY[:5], b"\x20")
    line.transfer(PS, DIGITS)
    assert_blanked(line.all())


@pytest.mark.parametrize("slot", [PS, LOG_SV, UNKNOWN])
@pytest.mark.parametrize("size", [1, 4, 7, 13])
def test_before_the_answer_to_reset_was_heard_only_blocks_stay(slot: int, size: int) -> None:
    for data in (VERIFY, bytes(2) + VERIFY):
        line = Line()
        line.transfer(slot, data)
        assert_blanked(line.all())
    line = Line()
    line.transfer_blocks(slot, VERIFY, size)
    assert_blanked(line.all())


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind < Kind.DATA_BLOCK])
@pytest.mark.parametrize("level", [0, 1, 2, 3])
def test_no_command_carries_a_code_out(line: Line, kind: Kind, level: int) -> None:
    line.ask(kind, PS, DIGITS, level)
    line.ask(kind, PS, bytes(25) + DIGITS, level)
    assert_blanked(line.all())


def test_a_pin_block_for_a_keypad_keeps_its_settings(line: Line) -> None:
    settings = bytes.fromhex("001E82080004080201010C040000000000")[:15]
    line.ask(Kind.SECURE, PS, settings + VERIFY)
    message = pieces_of(line.all())[0].data
    assert Request.parse(message).data == settings + VERIFY[:5] + b"\xff" * 8


@pytest.mark.parametrize("lost", range(25))
def test_a_damaged_message_keeps_kind_and_length_alone(line: Line, lost: int) -> None:
    frame = frame_message(Request(Kind.XFR_BLOCK, PS, 1, VERIFY).build())
    line.hear(False, frame[:lost] + frame[lost + 1 :])
    line.hear(True, NAK_FRAME)
    line.hear(False, frame[:lost] + bytes((frame[lost] ^ 4,)) + frame[lost + 1 :])
    line.hear(True, NAK_FRAME)
    events = line.all()
    assert_blanked(events)
    notes = {piece.note for piece in pieces_of(events) if piece.wrong}
    assert "the last message is to be sent again" in notes
    assert len(notes) > 1


def test_what_comes_besides_messages_is_named(line: Line) -> None:
    line.hear(True, b"\x50\x03\x80" + NAK_FRAME)
    assert [(piece.data, piece.note) for piece in pieces_of(line.all())] == [
        (b"\x50\x03", ""),
        (b"\x80", "more time asked for"),
        (NAK_FRAME, "the last message is to be sent again"),
    ]


@given(st.binary(max_size=300), st.lists(st.integers(0, 300)), st.booleans())
def test_any_bytes_are_heard(data: bytes, cuts: list[int], from_reader: bool) -> None:
    line = Line()
    at = 0
    for cut in sorted({*cuts, len(data)}):
        line.hear(from_reader, data[at:cut])
        at = min(cut, len(data))
    assert sum(len(piece.data) for piece in pieces_of(line.all())) <= len(data)


@given(st.randoms(use_true_random=False))
def test_a_damaged_line_shows_no_code(rng: random.Random) -> None:
    line = Line()
    said: list[tuple[bool, bytes]] = []
    line.hear = lambda from_reader, data: said.append((from_reader, data))  # type: ignore[method-assign]
    for slot, atr in ((PS, PS_ATR), (LOG_SV, LOG_SV_ATR)):
        line.power(slot, atr)
    for _ in range(4):
        command = rng.choice([code_command, plain_command])(rng)
        if rng.random() < 0.5:
            line.transfer(PS, command[:261])
        else:
            line.transfer_blocks(LOG_SV, b"\0" + command[1:], rng.choice([1, 3, 4, 30, 250]))
    rate = rng.choice([0, 0.1, 0.3])
    level, ns = CcidLevel(), 0
    events: list[Event] = []
    for from_reader, data in said:
        damaged = bytearray(data)
        if rng.random() < rate:
            at = rng.randrange(len(damaged))
            damaged[at : at + rng.choice([1, 1, 3, 9])] = rng.choice([b"", b"\x31", rng.randbytes(2)])
        for byte in range(0, len(damaged), cut := rng.choice([1, 7, 400])):
            events += level.hear(from_reader, bytes(damaged[byte : byte + cut]), ns)
        ns += rng.choice([0, 10**9])
    assert_blanked([*events, *level.end()])
