"""`kill -9` a program of the C interface, or the server behind it, at random moments of a load and an unload.

Both run over a pty, in real time. Killed and run again, nothing may be lost or doubled, and what the program
holds in the end must be what the ledger holds.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from random import Random
from typing import Final

from tla_sim.host.ledger.ledger import Ledger
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import DocumentKind
from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.sentence import Sentence
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.board.flash import NorFlash
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.reader import Reader
from tla_sim.tools.cast.people import MAYA
from tla_sim.tools.explore.kills import PATIENCE, see, served
from tla_sim.tools.explore.people import OWNERS
from tla_sim.tools.explore.recording import Recording, StageStart
from tla_sim.tools.explore.scratch import scratch
from tla_sim.tools.explore.ssv_once import READY, load, unload
from tla_sim.tools.explore.watch import Watch
from tla_sim.tools.judge.ledger import look, read_ledger
from tla_sim.tools.judge.violation import Violation, said
from tla_sim.tools.simulator.live_reader import sound_reader

_LONGEST_CALL: Final = 0.35
"""About how many seconds a load or an unload of the round's invoices takes; the kills fall within them."""


class Victim(Enum):
    """Who is killed."""

    PROGRAM = "program"
    SERVER = "server"


class Call(Enum):
    """The call in which one of them is killed."""

    LOAD = "load"
    UNLOAD = "unload"


def kill_call(recording: Recording, starts: Mapping[Call, StageStart], seed: int) -> tuple[str, bool]:
    """Kill the program or the server in a load or an unload, then make the call again.

    `starts` says where each call begins in the round. Return what was violated, empty if nothing, and whether
    the victim was still running when it was killed.
    """
    chance = Random(seed)
    call = chance.choice(tuple(Call))
    start = starts[call]
    victim = chance.choice(tuple(Victim))
    after_seconds = chance.random() * _LONGEST_CALL
    with scratch() as directory:
        recording.ledgers[start.moment.ledger].restore(directory)
        reader = sound_reader(NorFlash(bytearray(start.image)), seed)
        reader.power_on()
        if call is Call.UNLOAD:
            card = recording.cards[start.moment.cards][MAYA.name]
            reader.insert(Slot.PS, Card(card, SeededEntropy(seed)))
        try:
            stand = _Stand(reader, directory, recording.watch(start.moment))
            running = stand.kill(call, victim, after_seconds)
            stand.call_again(call)
        except Violation as error:
            return error.told, False
        except TlaError as error:
            return Sentence("{error}: {reason}", error=type(error).__name__, reason=said(error)), False
        finally:
            reader.power_off()
    return "", running


class _Stand:
    """A reader on a pty, a ledger, and a folder in which the program keeps what it got."""

    def __init__(self, reader: Reader, directory: Path, watch: Watch) -> None:
        self._reader = reader
        self._watch = watch
        self._line = directory / "line"
        self._ledger = directory / "ledger.sqlite"
        self._socket = directory / "private" / "socket"
        self._kept = directory / "kept"
        self._kept.mkdir()

    def kill(self, call: Call, victim: Victim, after_seconds: float) -> bool:
        """Kill one side of a call; return whether it was running. Raises Violation."""
        with (
            served(self._reader, self._line) as url,
            _child("serve", url, self._ledger, self._socket) as server,
        ):
            arguments = (self._socket, self._kept) if call is Call.UNLOAD else (self._socket,)
            with _child(call.value, *arguments) as program:
                time.sleep(after_seconds)
                killed = server if victim is Victim.SERVER else program
                running = killed.poll() is None and program.poll() is None
                killed.kill()
                # The other side ends by itself: a call whose program is gone is finished by the server.
                if victim is Victim.SERVER:
                    program.wait(PATIENCE)
                else:
                    server.terminate()
                    server.wait(PATIENCE)
        see(self._watch, self._reader, self._ledger)
        return running

    def call_again(self, call: Call) -> None:
        """Make the call again with a new server, and check everything. Raises Violation."""
        with (
            served(self._reader, self._line) as url,
            _child("serve", url, self._ledger, self._socket) as server,
        ):
            answer = unload(self._socket, self._kept) if call is Call.UNLOAD else load(self._socket)
            server.terminate()
            server.wait(PATIENCE)
        if answer.code:
            raise Violation("round", "the call fails when it is made again", f"{answer.code:04X}")
        if call is Call.LOAD:
            for owner in OWNERS:
                self._watch.told_loaded(owner.number)
        see(self._watch, self._reader, self._ledger)
        if call is Call.UNLOAD:
            self._check_kept()

    def _check_kept(self) -> None:
        if left := look(self._reader):
            raise Violation("round", "documents are still on board after the unload", str(len(left)))
        with Ledger.open(self._ledger) as ledger:
            certified = {name: line.fse for name, line in read_ledger(ledger).items() if line.fse}
        kept = {_name(path): path.read_bytes() for path in self._kept.iterdir()}
        if kept != certified:
            raise Violation(
                "life",
                "the program does not hold what the ledger holds",
                "{kept} documents, {certified} in the ledger",
                kept=len(kept),
                certified=len(certified),
            )


def _name(path: Path) -> DocumentId:
    owner, number, kind = path.name.split("-")
    return DocumentId(owner, number, DocumentKind(int(kind)))


@contextmanager
def _child(*arguments: object) -> Iterator[subprocess.Popen[str]]:
    """Start one side, and yield it once it is ready; it is killed at the end. Raises Violation."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tla_sim.tools.explore.ssv_once", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert child.stdout is not None
        if child.stdout.readline().strip() != READY:
            raise Violation("round", "one side does not start", str(arguments[0]))
        yield child
    finally:
        child.kill()
        child.communicate(timeout=PATIENCE)
