"""A tap passes everything on, at once and unchanged, and tells what it heard."""

from __future__ import annotations

from tests.tools.capture.levels.noting_tracer import NotingTracer
from tla_sim.protocol.framing import T1, Framing
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.t1.block import Block, Edc, Information, Supervision, Supervisory
from tla_sim.tools.capture.level import Level
from tla_sim.tools.capture.levels.block_words import name_block, name_nodes
from tla_sim.tools.capture.levels.events import BLANKED
from tla_sim.tools.capture.levels.listening import LineEar
from tla_sim.tools.capture.serial_tap import SerialTap
from tla_sim.tools.capture.tap_count import TapCount, WayCount
from tla_sim.tools.capture.tracer import SeveralTracers

MS = 1_000_000
RESYNCH = Block(0x31, Supervisory(Supervision.RESYNCH, False)).build(Edc.CRC)
RESYNCHED = Block(0x13, Supervisory(Supervision.RESYNCH, True)).build(Edc.CRC)
VERIFY = Block(0x31, Information(0, False), bytes.fromhex("0020008104") + b"2938").build(Edc.CRC)
OK = Block(0x13, Information(0, False), b"\x90\x00").build(Edc.CRC)


class FakeEnd:
    """An end without a device."""

    def __init__(self) -> None:
        self.says = b""
        self.heard = b""

    def fileno(self) -> int:
        return -1

    def read(self) -> bytes:
        says, self.says = self.says, b""
        return says

    def write(self, data: bytes) -> None:
        self.heard += data

    def close(self) -> None:
        pass


class Tapped:
    """A tap between two fake ends, on a clock that the test moves."""

    def __init__(self) -> None:
        self.now = 0
        self.tracer = NotingTracer()
        self.count = TapCount()
        self.program, self.reader = FakeEnd(), FakeEnd()
        tracer = SeveralTracers(self.count, self.tracer)
        ear = LineEar(tracer, "A", Framing(T1), apdus=True, clock=lambda: self.now)
        self.tap = SerialTap(self.program, self.reader, ear, lambda: self.now)

    def say(self, from_reader: bool, data: bytes) -> None:
        (self.reader if from_reader else self.program).says = data
        self.tap.pass_on(from_reader)


def test_bytes_go_on_as_they_are_and_codes_are_not_told() -> None:
    tapped = Tapped()
    for from_reader, data in ((False, RESYNCH), (True, RESYNCHED), (False, VERIFY), (True, OK)):
        tapped.say(from_reader, data)
    assert tapped.reader.heard == RESYNCH + VERIFY
    assert tapped.program.heard == RESYNCHED + OK
    told = bytes.fromhex("0020008104") + b"\xff" * 4
    assert tapped.tracer.commands == [("A", Lad.PS, told)]
    assert tapped.tracer.answers == [("A", Lad.PS, b"\x90\x00")]
    assert {piece[:3] for piece in tapped.tracer.pieces} == {("A", Level.T1, "")}
    assert tapped.count.program == WayCount(blocks=2, bytes=len(RESYNCH + VERIFY), apdus=1)
    assert tapped.count.reader == WayCount(blocks=2, bytes=len(RESYNCHED + OK), apdus=1)


def test_bytes_go_on_before_their_block_is_whole() -> None:
    tapped = Tapped()
    tapped.say(False, RESYNCH[:2])
    assert tapped.reader.heard == RESYNCH[:2]


def test_what_is_cut_off_is_told_once_the_line_is_silent() -> None:
    tapped = Tapped()
    tapped.say(False, RESYNCH[:2])
    tapped.now = 100 * MS
    tapped.tap.let_time_pass()
    assert not tapped.tracer.pieces
    tapped.now = 300 * MS
    tapped.tap.let_time_pass()
    assert [piece[5] for piece in tapped.tracer.pieces] == [f"cut off after 2 bytes; {BLANKED}"]
    assert tapped.count.program == WayCount(bytes=2, errors=1)


def test_a_command_without_an_answer_is_counted() -> None:
    tapped = Tapped()
    for from_reader, data in ((False, RESYNCH), (True, RESYNCHED), (False, VERIFY), (False, RESYNCH)):
        tapped.say(from_reader, data)
    assert tapped.count.unanswered == 1


def test_blocks_have_names() -> None:
    assert name_block(VERIFY, Edc.CRC) == "I(0)"
    assert name_block(RESYNCHED, Edc.CRC) == "S(RESYNCH response)"
    assert name_block(bytes.fromhex("12C101FEAE99"), Edc.CRC) == "S(IFS request) 254"
    assert name_block(bytes.fromhex("00910091"), Edc.LRC) == "R(1) EDC wrong"
    assert name_block(bytes.fromhex("2160000581"), Edc.CRC) == "I(1) more"
    assert name_block(b"\x31", Edc.CRC) == ""
    assert name_nodes(0x31) == "host>PS"
    assert name_nodes(0x12) == "Log_SV>host"
    assert name_nodes(0x70) == "0>7"
