"""Runs of a recorded reader, and everything by which two readers in the same state are told to be so."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from tla_sim.host.client import ReaderClient
from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.app.software.profile import TLA_1_40, Profile
from tla_sim.reader_fw.board.board import assemble_board
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.board.flash import NorFlash, blank_image
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.cards.image import CardImage
from tla_sim.tools.cast.images import ps_image, vitale_image
from tla_sim.tools.cast.people import DESMAUX, MAYA, MORNING, PAUL
from tla_sim.tools.faults.cards import FaultyCard
from tla_sim.tools.faults.kinds import Counted
from tla_sim.tools.faults.plan import FaultPlan
from tla_sim.tools.faults.striking import Strikes
from tla_sim.tools.simulator.history.recorded_port import RecordedPort
from tla_sim.tools.simulator.history.recorded_reader import RecordedReader
from tla_sim.tools.simulator.history.snapshot import Snapshot
from tla_sim.tools.simulator.live_reader import LiveReader

OUTSIDE: Final = (Counted.BYTES, Counted.BLOCKS)
FLASH_BYTES: Final = 512 * 1024
TRAY: Final[dict[str, Callable[[], CardImage]]] = {
    "MAYA": lambda: ps_image(MAYA),
    "PAUL": lambda: ps_image(PAUL),
    "MARTIN": vitale_image,
    "DESMAUX": lambda: vitale_image(DESMAUX),
}


def new_reader(faults: str = "", profile: Profile = TLA_1_40, seed: int = 1) -> RecordedReader:
    """A recorded reader in memory, switched off."""
    board = assemble_board(MORNING, SeededEntropy(seed), NorFlash(blank_image(FLASH_BYTES)))
    return RecordedReader(board, Strikes(FaultPlan.parse(faults)), profile)


class World(LiveReader):
    """A recorded reader with a tray of cards, and the hosts on its cables."""

    def __init__(self, reader: RecordedReader) -> None:
        super().__init__(reader, reader.strikes)
        self.recorded = reader
        self._tray = dict(reader.cards)

    def port(self, name: str = "desk") -> RecordedPort:
        """The cable of this name, which is plugged in if it is not."""
        for port in self.recorded.ports:
            if isinstance(port, RecordedPort) and port.name == name:
                return port
        return self.recorded.attach(name)

    def put(self, name: str) -> None:
        """Put a card of the tray into the slot where it belongs, the same chip each time."""
        slot = Slot.VITALE if name in ("MARTIN", "DESMAUX") else Slot.PS
        self.recorded.remove(slot)
        if name not in self._tray:
            torn = self.recorded.tear_writes()
            self._tray[name] = Card(TRAY[name](), self.recorded.board.entropy, torn)
        self.recorded.insert(slot, self._tray[name], name)

    def ask(self, lad: Lad, command: str, name: str = "desk") -> bytes:
        """Exchange an APDU, in the steps that a served link takes; empty when there is no answer."""
        port = self.port(name)
        with suppress(TlaError):
            port.begin(lad, bytes.fromhex(command))
            while (due := port.due_ms) is not None:
                answer = port.poll()
                if answer is not None:
                    return answer
                self.recorded.tick(max(due - self.recorded.board.clock.now_ms, 1))
        return b""

    @contextmanager
    def host(self, link: str) -> Iterator[ReaderClient]:
        """A host on a cable of its own, which is pulled out at the end; what fails is told to nobody."""
        client = self.client(link)
        with suppress(TlaError):
            yield client
        self.recorded.unplug()


Act = Callable[[World], object]


@dataclass(frozen=True)
class Run:
    """What is done to a reader, act by act; an act may be many inputs."""

    acts: tuple[Act, ...]
    faults: str = ""
    profile: Profile = TLA_1_40


@dataclass
class Recorded:
    """A run as it was: the state after each input, and a snapshot of each; the steps at which acts began."""

    run: Run
    world: World
    states: dict[int, dict[str, Any]]
    snapshots: dict[int, Snapshot]
    begins: list[int]


def record(run: Run, *, snapshots: bool = True) -> Recorded:
    """Carry out a run, and look at the reader after each input."""
    world = World(new_reader(run.faults, run.profile))
    reader = world.recorded
    done = Recorded(run, world, {0: state_of(reader)}, {}, [])

    def note() -> None:
        done.states[reader.step] = state_of(reader)
        if snapshots:
            done.snapshots[reader.step] = reader.snapshot(f"step {reader.step}")

    if snapshots:
        done.snapshots[0] = reader.snapshot("step 0")
    reader.on_input = note
    for act in run.acts:
        done.begins.append(reader.step)
        with suppress(TlaError):
            act(world)
    reader.on_input = lambda: None
    return done


def state_of(reader: RecordedReader) -> dict[str, Any]:
    """Everything that a later answer may depend on, as values."""
    board = reader.board
    visit = reader._visit
    app = reader._app
    entry = reader.code_entry
    return {
        "flash": hashlib.sha256(board.flash.read_image()).hexdigest(),
        "screen": board.display.lines,
        "on": reader.on,
        "clock": (board.clock.now_ms, reader._ahead_ms),
        "battery": board.power.battery,
        "random": board.entropy.given if isinstance(board.entropy, SeededEntropy) else None,
        "slots": {slot.value: _slot(reader, slot) for slot in Slot},
        "movements": board.slots.movements,
        "faults": (_strikes(reader), reader.flash_faults.state, reader.used_counter),
        "dark": (reader.comes_back_ms, reader._dark_since),
        "ports": [_port(port) for port in reader.ports if isinstance(port, RecordedPort)],
        "visit": None if visit is None else _plain(visit._screen),
        "entry": None if entry is None else (entry.stars, entry.deadline_ms, entry.state),
        "app": None
        if app is None
        else (app.boots, app.serial_number, app._rtc_offset, dict(app.cards._powered), dict(app.cards._uses)),
        "cards": [(chip.name, chip.image) for chip in sorted(reader.chips.states)],
    }


def _strikes(reader: RecordedReader) -> object:
    """The faults that strike inside; lines are outside."""
    state = reader.strikes.state
    counts = [count for counted, count in reader.strikes.counts.items() if counted not in OUTSIDE]
    return state.plan, state.pending, state.struck, counts


def _plain(value: object) -> object:
    """A screen and what it shows as plain values."""
    if isinstance(value, (tuple, list)):
        return [_plain(each) for each in value]
    inside = getattr(value, "__dict__", None) or {
        name: getattr(value, name) for name in getattr(value, "__slots__", ()) if hasattr(value, name)
    }
    if not inside or isinstance(value, (Enum, str, int, bytes)):
        return repr(value)
    # The digits of a code that is half typed are what is not recorded.
    return type(value).__name__, {name: _plain(each) for name, each in inside.items() if name != "_digits"}


def _slot(reader: RecordedReader, slot: Slot) -> object:
    faulty = reader.board.slots.card(slot)
    inside = None
    if isinstance(faulty, FaultyCard) and isinstance(faulty.card, Card):
        card = faulty.card
        code = card._code
        inside = (
            card.image.build(),
            faulty.state,
            card._powered,
            None if code is None else (code.verified, code.may_unblock, code._may_renew, code._found_right),
            [(each.is_open, each.directory, each.file, each.pending, each.chain) for each in card._channels],
        )
    return inside, reader.board.slots.insertions(slot), reader.card_counts[slot].commands


def _port(port: RecordedPort) -> object:
    session = port.session
    return (
        port.name,
        port.due_ms,
        port._response,
        port.protocols,
        None if port.code_entry is None else (port.code_entry.stars, port.code_entry.deadline_ms),
        session.last_ms,
        session.verified_insertion,
        None if session.channel is None else session.channel.public_key,
        session.channel_insertion if session.channel is not None else 0,
        session.load,
        dict(session.given),
        session.last_given,
    )


def differences(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """The names of the parts that differ, with both values."""
    return [f"{name}: {one[name]!r} != {other[name]!r}"[:600] for name in one if one[name] != other[name]]
