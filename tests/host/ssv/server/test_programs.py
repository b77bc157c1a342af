"""Several programs on one server, in any order of what they do: a reader in memory, virtual time."""

from __future__ import annotations

import socket
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    precondition,
    rule,
)

import tla_sim
from tests.host.ssv.server.test_conversation import GREETING
from tla_sim.host.ssv.declaration import Function
from tla_sim.host.ssv.frames import (
    HELLO,
    MAGIC,
    VERSION,
    WELCOME,
    Client,
    Hello,
    Welcome,
    build_call,
    build_frame,
    parse_answer,
)
from tla_sim.host.ssv.functions import IDENTIFIER_TLA, LIRE_DATE_LECTEUR, MAJ_DATE_LECTEUR, TRADUIRE_FSE
from tla_sim.host.ssv.server.conversation import FRAME_S, Conversation
from tla_sim.host.ssv.server.reader_held import IDLE_S, ReaderHeld
from tla_sim.host.ssv.server.reader_place import AtUrl
from tla_sim.host.ssv.server.service import Service
from tla_sim.host.ssv.server.turns import Turns
from tla_sim.host.transport.base import Transport
from tla_sim.host.transport.passing import PassingTransport
from tla_sim.protocol.errors import ConnectionLost
from tla_sim.protocol.lad import Lad

FIRST = datetime(2026, 6, 1, 8, 0)


class Cable(PassingTransport):
    """A cable that can be pulled out."""

    def __init__(self, inner: Transport, machine: Programs) -> None:
        super().__init__(inner)
        self._machine = machine

    def transmit(self, apdu: bytes, lad: Lad = Lad.LOG_SV) -> bytes:
        if self._machine.pulled:
            raise ConnectionLost("The cable is out")
        return super().transmit(apdu, lad)

    def close(self) -> None:
        self._machine.open_cables -= 1
        super().close()


class OneProgram:
    """A program: its end of a socket, and the server's end with its conversation."""

    def __init__(self, machine: Programs) -> None:
        self.program, self.server = socket.socketpair()
        for each in (self.program, self.server):
            each.setblocking(False)
        self.conversation = Conversation(machine.service.welcome, now=lambda: machine.now)
        self.greeted = False
        self.rest = b""
        self.owed: list[Any] = []

    def pump(self) -> list[bytes]:
        """Carry what the program sent to the server, and return what comes back."""
        while not self.conversation.ended:
            try:
                data = self.server.recv(65_536)
            except BlockingIOError:
                break
            if not data:
                break
            for answer in self.conversation.receive(data):
                self.server.sendall(answer)
        found = b""
        while True:
            try:
                found += self.program.recv(65_536)
            except BlockingIOError:
                break
        bodies = []
        while found:
            end = 4 + int.from_bytes(found[:4], "big")
            bodies.append(found[4:end])
            found = found[end:]
        return bodies

    def close(self) -> None:
        """Hang up on both sides."""
        self.conversation.close()
        self.program.close()
        self.server.close()


class Programs(RuleBasedStateMachine):
    """Programs come, call, hang half-way and go; the reader's date is what the last of them set."""

    programs = Bundle("programs")

    def __init__(self) -> None:
        super().__init__()
        self.reader = tla_sim.SimulatedReader.in_memory(seed=1)
        self.folder = tempfile.TemporaryDirectory()
        self.now = 1_000.0
        self.pulled = False
        self.open_cables = 0
        self.alone: OneProgram | None = None
        self.date: datetime | None = None
        self.used = self.now
        self.held = ReaderHeld(AtUrl("test:"), self._open, lambda: self.now, Turns(patience=0))
        self.service = Service(self.held, Path(self.folder.name) / "ledger.db")
        self.all: list[OneProgram] = []

    def _open(self, _url: str) -> Transport:
        if self.pulled:
            raise ConnectionLost("The cable is out")
        self.open_cables += 1
        return Cable(self.reader.transport(), self)

    def teardown(self) -> None:
        for each in self.all:
            each.close()
        self.held.close()
        assert self.open_cables == 0
        self.reader.close()
        self.folder.cleanup()

    @rule(target=programs)
    def connect(self) -> OneProgram:
        program = OneProgram(self)
        self.all.append(program)
        return program

    @rule(program=programs)
    def greet(self, program: OneProgram) -> None:
        if program.greeted or program.conversation.ended or program.rest:
            return
        program.program.sendall(GREETING)
        assert program.pump() == [WELCOME.build(Welcome(VERSION, 0))]
        program.greeted = True

    @rule(target=programs, program=consumes(programs))
    def greet_in_another_version(self, program: OneProgram) -> Any:
        if program.greeted or program.conversation.ended or program.rest:
            return program
        other = Hello(MAGIC, VERSION + 1, Client.SSV, b"", b"")
        program.program.sendall(build_frame(HELLO.build(other)))
        assert program.pump() == [WELCOME.build(Welcome(VERSION, 0x800E))]
        assert program.conversation.ended
        self._forget(program)
        return multiple()

    @rule(program=programs, minutes=st.integers(0, 100_000))
    def set_the_date(self, program: OneProgram, minutes: int) -> None:
        moment = FIRST + timedelta(minutes=minutes)
        code = self._call(program, MAJ_DATE_LECTEUR, reader=b"Log_SV", moment=f"{moment:%Y%m%d%H%M}".encode())
        if code == (0, {}):
            self.date = moment

    @rule(program=programs)
    def read_the_date(self, program: OneProgram) -> None:
        found = self._call(program, LIRE_DATE_LECTEUR, reader=b"Log_SV")
        if found is not None and found[0] == 0 and self.date is not None:
            assert found[1]["moment"].decode() == f"{self.date:%Y%m%d%H%M}"

    @rule(program=programs, name=st.sampled_from([b"Nobody", b"CPS", b"Vitale_99", b"\xff"]))
    def name_a_wrong_resource(self, program: OneProgram, name: bytes) -> None:
        found = self._call(program, IDENTIFIER_TLA, reader_needed=False, reader=name, cdc_version=b"")
        expected = {b"Vitale_99": 0x8011, b"\xff": 0x8011}.get(name, 0xF101)
        assert found is None or found == (expected, {}) or found[0] == 0x0004

    @rule(program=programs, zone=st.binary(max_size=40))
    def translate_anything(self, program: OneProgram, zone: bytes) -> None:
        """Needs no reader, so nobody who holds it is in the way."""
        if program.greeted and not program.rest:
            program.program.sendall(build_frame(build_call(TRADUIRE_FSE, {"zone": zone}, 1)))
            (body,) = program.pump()
            code, _ = parse_answer(TRADUIRE_FSE, body)
            assert code not in (0x0001, 0x0004, 0xF101)

    @rule(program=programs, cut=st.integers(1, 20))
    def call_by_halves(self, program: OneProgram, cut: int) -> None:
        if program.greeted and not program.rest:
            frame = build_frame(build_call(LIRE_DATE_LECTEUR, {"reader": b"Log_SV"}, 1))
            cut = min(cut, len(frame) - 1)
            program.program.sendall(frame[:cut])
            program.rest = frame[cut:]
            assert program.pump() == []
            assert program.conversation.deadline is not None

    @rule(program=programs)
    def send_the_rest(self, program: OneProgram) -> None:
        if program.rest:
            program.program.sendall(program.rest)
            program.rest = b""
            (body,) = program.pump()
            self._check(program, *parse_answer(LIRE_DATE_LECTEUR, body))

    @rule(target=programs, program=consumes(programs), junk=st.binary(min_size=4, max_size=60))
    def send_junk(self, program: OneProgram, junk: bytes) -> Any:
        """A program that sends anything is answered with a code or hung up on, and disturbs nobody."""
        if program.rest or program.conversation.ended:
            return program
        program.program.sendall(junk)
        for body in program.pump():
            assert program.greeted
            assert int.from_bytes(body[:2], "big") in (0xF0FF, 0xF802, 0xF101, 0x0004, 0x8011)
        self._forget(program)
        return multiple()

    @rule(program=programs)
    def have_the_reader_alone(self, program: OneProgram) -> None:
        if program.greeted and self.alone is None:
            party = program.conversation._party
            with self.held.turns.turn(party):
                self.held.turns.keep(party)
            self.alone = program

    @precondition(lambda self: self.alone is not None)
    @rule()
    def give_the_reader_back(self) -> None:
        assert self.alone is not None
        self.held.turns.give_back(self.alone.conversation._party)
        self.alone = None

    @rule()
    def pull_the_cable(self) -> None:
        self.pulled = True

    @rule()
    def plug_the_cable_in(self) -> None:
        self.pulled = False

    @rule(seconds=st.sampled_from([0.5, 1.5, 2.0, FRAME_S]))
    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        for each in list(self.all):
            deadline = each.conversation.deadline
            if deadline is not None and deadline <= self.now:
                each.conversation.late()
                self._forget(each)
        again = self.held.close_when_idle()
        if self.now >= self.used + IDLE_S:
            assert again is None
            assert self.open_cables == 0, "another program can have the reader"

    @rule(program=consumes(programs))
    def hang_up(self, program: OneProgram) -> None:
        self._forget(program)

    @invariant()
    def at_most_one_cable_is_plugged_in(self) -> None:
        assert self.open_cables in (0, 1)

    def _forget(self, program: OneProgram) -> None:
        if program is self.alone:
            self.alone = None
        program.close()
        program.greeted, program.rest = False, b""
        self.all = [each for each in self.all if each is not program]

    def _call(
        self, program: OneProgram, function: Function, *, reader_needed: bool = True, **values: bytes
    ) -> tuple[int, dict[str, Any]] | None:
        """Call, and check the code by what stands in the way; `None` for a program that cannot call."""
        if not program.greeted or program.rest:
            return None
        program.program.sendall(build_frame(build_call(function, values, 1_000)))
        (body,) = program.pump()
        found = parse_answer(function, body)
        if reader_needed:
            self._check(program, *found)
        return found

    def _check(self, program: OneProgram, code: int, _outputs: dict[str, Any]) -> None:
        if self.alone is not None and self.alone is not program:
            assert code == 0x0004
        elif self.pulled:
            assert code == 0xF101
            self.used = self.now
        else:
            assert code == 0
            self.used = self.now


TestPrograms = Programs.TestCase
TestPrograms.settings = settings(stateful_step_count=30)
