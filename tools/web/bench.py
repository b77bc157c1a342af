"""The readers that a server shows, by name, and who is told when one comes or goes."""

from __future__ import annotations

import itertools
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from tla_sim.host.practice.model import Practice
from tla_sim.protocol.errors import Category
from tla_sim.tools.simulator.control.reader_control import ReaderControl
from tla_sim.tools.simulator.control.running_reader import RunningReader
from tla_sim.tools.web.problems import UnknownReader, WebProblem
from tla_sim.tools.web.surgery.reader_time import time_at
from tla_sim.tools.web.surgery.surgery import Surgery

MAX_READERS: Final = 32
"""How many readers a server has at most (Project-defined); each has a thread."""
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


class NameTaken(WebProblem):
    """There is a reader of this name already."""


class BadReaderName(WebProblem):
    """The name cannot stand in an address."""

    category = Category.BAD_INPUT
    http_status = 400


class TooManyReaders(WebProblem):
    """The server has as many readers as it takes."""


class TwinReaders(WebProblem):
    """Two readers have one serial number, by which a ledger tells readers apart."""


@dataclass
class Shown:
    """A reader on the bench: it runs in a thread of its own. `kept` is its state directory, if it has one.

    `serial` is its serial number, known once it was on.
    """

    name: str
    running: RunningReader
    kept: Path | None = None
    serial: str = ""


class Bench:
    """The readers of one server, and the practice that works with them.

    `epoch` names this start of it: numbers of events count from there. Readers are added and removed in one
    thread, that of the server. Without `ledger`, the practice keeps everything for this run alone.
    `practice_file` is what the practice was read from. `on_added` is told of each reader when it runs.
    """

    def __init__(
        self,
        practice: Practice,
        epoch: str = "",
        ledger: Path | None = None,
        practice_file: Path | None = None,
        on_added: Callable[[Shown], None] = lambda _: None,
    ) -> None:
        self.surgery = Surgery(practice, ledger, practice_file)
        self.epoch = epoch or secrets.token_hex(4)
        self._shown: dict[str, Shown] = {}
        self._watching: dict[int, Callable[[], None]] = {}
        self._tickets = 0
        self._seeds: set[int] = set()
        self._on_added = on_added
        self.changes = 0
        self.surgery.on_change = self._wake
        self.surgery.clock = self._time

    @property
    def practice(self) -> Practice:
        """The practice as it is now."""
        return self.surgery.practice

    @property
    def readers(self) -> tuple[Shown, ...]:
        """The readers, in the order in which they came."""
        return tuple(self._shown.values())

    def find(self, name: str) -> Shown:
        """Return a reader. Raises UnknownReader."""
        shown = self._shown.get(name)
        if shown is None and not self._shown:
            raise UnknownReader("There is no reader {name}, nor any other", "Make one", name=name)
        if shown is None:
            raise UnknownReader(
                "There is no reader {name}", "Take one of: {known}", name=name, known=", ".join(self._shown)
            )
        return shown

    def running(self, name: str) -> RunningReader:
        """Return a reader as it runs. Raises UnknownReader."""
        return self.find(name).running

    def at_practice(self, name: str) -> RunningReader:
        """Return a reader as the practice may work with it. Raises UnknownReader, TwinReaders."""
        shown = self.find(name)
        for other in self.readers:
            if other is not shown and other.serial == shown.serial != "":
                raise TwinReaders(
                    "{name} and {other} have one serial number, {serial}: the ledger cannot tell them apart",
                    "Remove one, or make one with another seed",
                    name=name,
                    other=other.name,
                    serial=shown.serial,
                )
        return shown.running

    @property
    def unused_seed(self) -> int:
        """A seed that no reader of this server had, so that a new one has a serial number of its own."""
        return next(seed for seed in itertools.count(1) if seed not in self._seeds)

    def reserve(self, name: str | None) -> str:
        """Return the name that a new reader may have, one of the bench's own choice for `None`.

        Raises BadReaderName, NameTaken, TooManyReaders.
        """
        if len(self._shown) >= MAX_READERS:
            raise TooManyReaders(
                "The server has {count} readers, as many as it takes", "Remove one first", count=MAX_READERS
            )
        if name is None:
            free = (f"reader-{number}" for number in range(1, MAX_READERS + 2))
            return next(each for each in free if each not in self._shown)
        if not _NAME.fullmatch(name):
            raise BadReaderName(
                "A reader cannot be called {name!r}",
                "Use small letters, digits and hyphens, at most 40",
                name=name[:60],
            )
        if name in self._shown:
            raise NameTaken("There is a reader {name} already", "Choose another name", name=name)
        return name

    def add(self, name: str, control: ReaderControl, kept: Path | None = None) -> Shown:
        """Let a reader run under a name. Raises as `reserve`."""
        name = self.reserve(name)
        serial = control.reader.app.serial_number if control.reader.on else ""
        shown = Shown(name, RunningReader(control), kept, serial)
        if control.origin.seed is not None:
            self._seeds.add(control.origin.seed)
        self._shown[name] = shown
        self._on_added(shown)
        self._tell()
        return shown

    def remove(self, name: str) -> None:
        """Switch a reader off for good. Raises UnknownReader."""
        shown = self.find(name)
        del self._shown[name]
        self._tell()
        shown.running.close()

    def watch(self, tell: Callable[[], None]) -> Callable[[], None]:
        """Call `tell` whenever a reader came or goes, or the practice changed; in any thread.

        Return a function that ends this.
        """
        self._tickets += 1
        ticket = self._tickets
        self._watching[ticket] = tell
        return lambda: self._forget(ticket)

    def close(self) -> None:
        """Switch every reader off."""
        readers, self._shown = self.readers, {}
        for shown in readers:
            shown.running.close()
        self.surgery.close()

    def _time(self) -> datetime:
        """Return the time at the first reader, as the page takes its day from it."""
        first = next(iter(self.readers), None)
        return time_at(None if first is None else first.running)

    def _forget(self, ticket: int) -> None:
        self._watching.pop(ticket, None)

    def _tell(self) -> None:
        self.changes += 1
        self._wake()

    def _wake(self) -> None:
        for tell in tuple(self._watching.values()):
            tell()
