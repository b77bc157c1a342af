"""A T=1 line overheard: its blocks, its APDUs, and nothing of a code."""

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
from tests.virtual_line import Conversation, End, Faults, VirtualLine
from tla_sim.protocol.apdu import CommandApdu
from tla_sim.protocol.commands.cards import VERIFY_CODE, CodeEntry, CodePresentation
from tla_sim.protocol.commands.declaration import CLA
from tla_sim.protocol.commands.instructions import Ins
from tla_sim.protocol.errors import CodecError, LinkError
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.slot_order import SLOT_STATE, SlotOrder, SlotState
from tla_sim.protocol.t1.actions import LinkSettings, MessageReceived, SendBytes
from tla_sim.protocol.t1.block import Block, Edc, Fault, Information, Ready, Supervision, Supervisory
from tla_sim.protocol.trace import blank_code
from tla_sim.tools.capture.levels import t1_dialogue
from tla_sim.tools.capture.levels.events import BLANKED, AnswerHeard, Event, ResetHeard
from tla_sim.tools.capture.levels.t1_level import T1Level

MS = 1_000_000
VERIFY = bytes.fromhex("0020008108") + DIGITS
OK = b"\x90\x00"


class TappedConversation(Conversation):
    """A conversation that a tap hears, at one end of the line: what is sent there, and what arrives."""

    def __init__(self, line: VirtualLine, settings: LinkSettings, tapped: End) -> None:
        super().__init__(line, settings, lambda _nad, _command: (OK, 0))
        self.tap = T1Level(settings)
        self.events: list[Event] = []
        self._tapped = tapped

    def carry_out(self, end: End, actions: list) -> None:  # type: ignore[type-arg]
        for action in actions:
            if isinstance(action, SendBytes) and end is self._tapped:
                self._hear(end is End.READER, action.data)
        super().carry_out(end, actions)

    def step(self) -> bool:
        read = self.line.read

        def heard_read(end: End, now_us: int) -> bytes:
            data = read(end, now_us)
            if data and end is self._tapped:
                self._hear(end is End.WORKSTATION, data)
            return data

        self.line.read = heard_read  # type: ignore[method-assign]
        try:
            return super().step()
        finally:
            self.line.read = read  # type: ignore[method-assign]
            self.events += self.tap.tick(self.now_us * 1000)

    def _hear(self, from_reader: bool, data: bytes) -> None:
        self.events += self.tap.hear(from_reader, data, self.now_us * 1000)

    def end(self) -> list[Event]:
        self.events += self.tap.end()
        return self.events


def settings_of(rng: random.Random, baud: int | None = 9600) -> LinkSettings:
    return LinkSettings(edc=rng.choice(list(Edc)), baud=baud, ifs=rng.choice([1, 3, 5, 8, 32, 254]))


@pytest.mark.parametrize("tapped", End)
@given(st.randoms(use_true_random=False))
def test_every_exchange_on_a_good_line_is_heard_and_no_code(tapped: End, rng: random.Random) -> None:
    conversation = TappedConversation(VirtualLine(9600), settings_of(rng), tapped)
    sent = []
    for _ in range(4):
        lad = rng.choice(list(Lad))
        command = rng.choice([code_command, plain_command])(rng)
        assert conversation.exchange(command, lad.nad) == OK
        sent.append((lad, blank_code(lad, command)))
    events = conversation.end()
    assert commands_of(events) == sent
    assert answers_of(events) == [OK] * 4
    assert not [piece for piece in pieces_of(events) if piece.wrong]
    if not any(lad is Lad.LOG_SV for lad, _ in sent):
        assert_blanked(events)


@pytest.mark.parametrize("tapped", End)
@given(st.randoms(use_true_random=False), st.integers(0, 2**32))
def test_a_noisy_line_shows_no_code(tapped: End, rng: random.Random, seed: int) -> None:
    faults = Faults(
        bit_error=rng.choice([0, 1e-3, 5e-3]),
        drop_byte=rng.choice([0, 1e-2]),
        double_byte=rng.choice([0, 1e-2]),
        lose=rng.choice([0, 0.1]),
        double=rng.choice([0, 0.2]),
        split=rng.choice([0, 0.5]),
        merge=rng.choice([0, 0.3]),
        noise=rng.choice([0, 0.1]),
    )
    conversation = TappedConversation(VirtualLine(9600, faults, seed), settings_of(rng), tapped)
    for _ in range(3):
        conversation.exchange(code_command(rng), rng.choice([Lad.PS.nad, Lad.VITALE.nad, 0x51, 0x00]))
    assert_blanked(conversation.end())


@given(st.randoms(use_true_random=False), st.integers(0, 2**32))
def test_what_the_reader_takes_on_a_noisy_line_is_what_the_tap_beside_it_hears(
    rng: random.Random, seed: int
) -> None:
    faults = Faults(bit_error=1e-3, lose=0.05, split=0.3)
    conversation = TappedConversation(VirtualLine(9600, faults, seed), settings_of(rng), End.READER)
    for _ in range(3):
        conversation.exchange(plain_command(rng), Lad.PS.nad)
    taken = [action.data for action in conversation.seen[End.READER] if isinstance(action, MessageReceived)]
    heard = [apdu for _, apdu in commands_of(conversation.end())]
    # After bad bytes the tap may be less certain than the reader, never the other way round.
    left = iter(taken)
    assert all(apdu in left for apdu in heard)
    assert len(heard) >= len(taken) - 1 - len(taken) // 3


@given(st.binary(max_size=300), st.lists(st.integers(0, 300)), st.booleans())
def test_bytes_come_out_again_whatever_they_are(data: bytes, cuts: list[int], from_reader: bool) -> None:
    level = T1Level()
    events = []
    at = 0
    for number, cut in enumerate(sorted({*cuts, len(data)})):
        events += level.hear(from_reader, data[at:cut], number * MS)
        at = min(cut, len(data))
    events += level.hear(from_reader, data[at:], 400 * MS)
    pieces = pieces_of([*events, *level.end()])
    assert sum(len(piece.data) for piece in pieces) == len(data)


@given(st.randoms(use_true_random=False))
def test_a_recording_with_holes_shows_no_code(rng: random.Random) -> None:
    """The ends understood each other, the tap did not."""
    settings = settings_of(rng)
    conversation = TappedConversation(VirtualLine(9600), settings, End.WORKSTATION)
    level = T1Level(settings)
    events: list[Event] = []
    hear = conversation._hear
    rate = rng.choice([0.05, 0.2, 0.4])

    def hear_badly(from_reader: bool, data: bytes) -> None:
        hear(from_reader, data)
        damaged = bytearray(data)
        if rng.random() < rate:
            at = rng.randrange(len(damaged))
            damaged[at : at + rng.choice([1, 1, 4, 20, 300])] = rng.choice([b"", b"\x31", rng.randbytes(2)])
        events.extend(level.hear(from_reader, bytes(damaged), conversation.now_us * 1000))

    conversation._hear = hear_badly  # type: ignore[method-assign]
    for _ in range(4):
        conversation.exchange(code_command(rng), rng.choice([Lad.PS.nad, Lad.VITALE.nad]))
    assert_blanked([*events, *level.end()])


def blocks_of(apdu: bytes, size: int, nad: int = Lad.PS.nad, edc: Edc = Edc.CRC) -> list[bytes]:
    parts = [apdu[at : at + size] for at in range(0, len(apdu), size)]
    return [
        Block(nad, Information(number & 1, number < len(parts) - 1), part).build(edc)
        for number, part in enumerate(parts)
    ]


def resynchronised(level: T1Level) -> T1Level:
    for from_reader, nad in ((False, 0x31), (True, 0x13)):
        level.hear(from_reader, Block(nad, Supervisory(Supervision.RESYNCH, from_reader)).build(Edc.CRC), 0)
    return level


Said = list[tuple[bool, bytes]]


def conversation_with_code(digits: bytes, size: int) -> Said:
    """A VERIFY in blocks of so many bytes, each acknowledged: whether the reader says it, and its bytes."""
    said = [(False, Block(0x31, Supervisory(Supervision.RESYNCH, False)).build(Edc.CRC))]
    said.append((True, Block(0x13, Supervisory(Supervision.RESYNCH, True)).build(Edc.CRC)))
    for number, block in enumerate(blocks_of(VERIFY[:5] + digits, size), 1):
        said += [(False, block), (True, Block(0x13, Ready(number & 1, Fault.NONE)).build(Edc.CRC))]
    return [*said[:-1], (True, Block(0x13, Information(0, False), OK).build(Edc.CRC))]


def assert_hears_no_digits(said: Said, digits: bytes) -> None:
    level = T1Level()
    events: list[Event] = []
    for number, (from_reader, raw) in enumerate(said):
        events += level.hear(from_reader, raw, number * 1000 * MS)
    sent = b"".join(piece.data[3:-2] for piece in pieces_of(events) if not piece.from_reader)
    assert digits[:2] not in sent
    assert digits[-2:] not in sent
    assert_blanked(events)


@pytest.mark.parametrize(("size", "count"), [(2, 4), (3, 8), (4, 8)])
def test_whichever_blocks_the_tap_hears_badly_it_shows_no_code(size: int, count: int) -> None:
    """The ends understand each other, the tap hears any of their blocks with a bit turned over."""
    said = conversation_with_code(DIGITS[:count], size)
    for bad in range(1 << len(said)):
        heard = [
            (from_reader, raw[:-1] + bytes((raw[-1] ^ (bad >> number & 1),)))
            for number, (from_reader, raw) in enumerate(said)
        ]
        assert_hears_no_digits(heard, DIGITS[:count])


@pytest.mark.parametrize("size", [2, 3, 4])
def test_whichever_blocks_the_tap_does_not_hear_it_shows_no_code(size: int) -> None:
    """The ends understand each other, the tap misses any of the workstation's blocks."""
    said = conversation_with_code(DIGITS, size)
    for missed in range(1 << len(said) // 2):
        heard = [each for number, each in enumerate(said) if each[0] or not missed >> (number // 2) & 1]
        assert_hears_no_digits(heard, DIGITS)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 6, 7, 13, 254])
def test_a_blanked_block_is_a_good_block(size: int) -> None:
    level = resynchronised(T1Level())
    events = [event for raw in blocks_of(VERIFY, size) for event in level.hear(False, raw, 0)]
    said = b"".join(Block.parse(piece.data, Edc.CRC).inf for piece in pieces_of(events))
    assert said == VERIFY[:5] + b"\xff" * 8
    assert commands_of(events) == [(Lad.PS, said)]


@pytest.mark.parametrize("size", [4, 30, 64, 254])
def test_an_enciphered_code_is_shown_as_any_data(size: int) -> None:
    """The APDU is what a trace of the program has, or the two would be different flows."""
    presented = CodePresentation(CodeEntry.HOST, bytes(range(32)), bytes(range(24)))
    command = CommandApdu(CLA, Ins.VERIFY_CODE, data=VERIFY_CODE.request.build(presented)).build()
    level = resynchronised(T1Level())
    raw = blocks_of(command, size, Lad.LOG_SV.nad)
    events = [event for each in raw for event in level.hear(False, each, 0)]
    assert commands_of(events) == [(Lad.LOG_SV, command)]
    if len(raw) == 1:
        assert [piece.data for piece in pieces_of(events)] == raw


@pytest.mark.parametrize("size", [4, 30, 64, 254])
def test_a_code_in_clear_sent_to_log_sv_is_blanked(size: int) -> None:
    data = VERIFY_CODE.request.build(CodePresentation(CodeEntry.HOST, b"", DIGITS))
    command = CommandApdu(CLA, Ins.VERIFY_CODE, data=data).build()
    level = resynchronised(T1Level())
    events = [
        event for each in blocks_of(command, size, Lad.LOG_SV.nad) for event in level.hear(False, each, 0)
    ]
    assert_blanked(events)


def test_a_block_with_a_wrong_edc_keeps_its_header_and_tells_nothing_of_its_data() -> None:
    said = set()
    for digits in (b"1234", b"5678"):
        raw = bytearray(blocks_of(bytes.fromhex("0020008104") + digits, 254)[0])
        raw[-1] ^= 0x10
        level = resynchronised(T1Level())
        level.hear(False, bytes(raw), 0)
        (piece,) = pieces_of(level.tick(300 * MS))
        assert (piece.note, piece.wrong) == (f"EDC wrong; {BLANKED}", True)
        assert piece.data[:3] == bytes((0x31, 0x00, 0x09))
        with pytest.raises(CodecError):
            Block.parse(piece.data, Edc.CRC)
        said.add(piece.data)
    assert len(said) == 1


def test_what_is_cut_off_is_told_after_a_silence() -> None:
    level = resynchronised(T1Level())
    assert not level.hear(False, blocks_of(VERIFY, 254)[0][:9], 0)
    assert level.due_ns is not None
    assert not level.tick(level.due_ns - 1)
    (piece,) = pieces_of(level.tick(level.due_ns))
    assert (piece.note, piece.data) == (f"cut off after 9 bytes; {BLANKED}", b"\x31\x00\x0d" + b"\xff" * 6)


def test_an_answer_ends_what_came_before_it() -> None:
    level = resynchronised(T1Level())
    level.hear(False, b"\x31\x00", 0)
    notes = [piece.note for piece in pieces_of(level.hear(True, bytes.fromhex("12E000E087"), 1))]
    assert notes == [f"cut off after 2 bytes; {BLANKED}", ""]


def test_a_repeated_block_is_taken_once_and_said_to_be_repeated() -> None:
    level = resynchronised(T1Level())
    events = [event for raw in blocks_of(VERIFY, 6) for event in level.hear(False, raw, 0)]
    level = resynchronised(T1Level())
    twice = [event for raw in blocks_of(VERIFY, 6) for _ in (0, 1) for event in level.hear(False, raw, 0)]
    assert commands_of(twice) == commands_of(events)
    assert [piece.note for piece in pieces_of(twice)] == ["", "repeated"] * 3
    assert_blanked(twice)


def test_a_tap_that_comes_in_the_middle_of_a_command_waits_for_answers() -> None:
    level = T1Level()
    events = [event for raw in blocks_of(VERIFY, 6)[1:] for event in level.hear(False, raw, 0)]
    assert_blanked(events)
    assert not commands_of(events)
    for number, heard in ((0, 0), (1, 1), (0, 1)):
        level.hear(True, Block(0x13, Information(number, False), OK).build(Edc.CRC), 0)
        raw = Block(0x31, Information(1 - number, False), b"\0\xa4\0\0").build(Edc.CRC)
        assert commands_of(level.hear(False, raw, 0)) == [(Lad.PS, b"\0\xa4\0\0")] * heard


def test_a_line_that_gives_back_what_the_workstation_says_shows_no_code() -> None:
    level = T1Level()
    for from_reader in (False, True):
        level.hear(from_reader, Block(0x31, Supervisory(Supervision.RESYNCH, False)).build(Edc.CRC), 0)
    raw = blocks_of(VERIFY, 254)[0]
    events = [*level.hear(False, raw, 0), *level.hear(True, raw, 0), *level.hear(True, raw[:-3], 0)]
    assert_blanked([*events, *level.end()])


def test_an_exchange_that_ends_in_a_resynchronisation_has_no_answer() -> None:
    level = resynchronised(T1Level())
    level.hear(False, Block(0x21, Information(0, False), b"\x80\x10\0\0\0").build(Edc.CRC), 0)
    events = level.hear(False, Block(0x21, Supervisory(Supervision.RESYNCH, False)).build(Edc.CRC), 5)
    assert events[1:] == [AnswerHeard(Lad.LOG_SV, None, 5)]


def test_an_answer_to_reset_is_found_in_the_answer_to_an_order_to_the_slot() -> None:
    level = resynchronised(T1Level())
    atr = bytes.fromhex("3B65000000")
    level.hear(False, Block(0x31, Information(0, False), SlotOrder.POWER_ON.apdu).build(Edc.CRC), 0)
    answer = SLOT_STATE.build(SlotState(True, 1, 1, 1, atr)) + OK
    events = level.hear(True, Block(0x13, Information(0, False), answer).build(Edc.CRC), 7)
    assert ResetHeard(Lad.PS, atr, 7) in events


def test_the_commands_of_log_sv_are_not_blanked() -> None:
    level = resynchronised(T1Level())
    own = bytes.fromhex("8032000000000A") + DIGITS
    raw = Block(0x21, Information(0, False), own).build(Edc.CRC)
    assert pieces_of(level.hear(False, raw, 0))[0].data == raw


def test_a_code_that_is_presented_to_log_sv_is_blanked_even_if_it_is_not_enciphered() -> None:
    level = resynchronised(T1Level())
    own = bytes.fromhex("8024000008") + DIGITS
    events = level.hear(False, Block(0x21, Information(0, False), own).build(Edc.CRC), 0)
    assert_blanked(events)


def test_a_failed_exchange_is_heard_as_one() -> None:
    line = VirtualLine(9600, Faults(lose=1.0), 1)
    conversation = TappedConversation(line, LinkSettings(longest_wait=5_000), End.WORKSTATION)
    assert isinstance(conversation.exchange(VERIFY, Lad.PS.nad), LinkError)
    assert_blanked(conversation.end())


def test_the_end_of_a_command_that_is_too_long_is_no_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(t1_dialogue, "MAX_APDU", 20)
    level = resynchronised(T1Level())
    raw = blocks_of(VERIFY[:4] + bytes(20) + DIGITS, 24)
    events = [event for each in raw for event in level.hear(False, each, 0)]
    assert commands_of(events) == []
    assert_blanked(events)
