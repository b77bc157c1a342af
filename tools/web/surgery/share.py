"""What the practice has on one reader of several, as its ledger knows it, and what is on the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tla_sim.host.documents import DocumentOnBoard
from tla_sim.host.ledger.model import TO_SEND, LedgerState
from tla_sim.protocol.errors import TlaError
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.simulator.control.reader_control import ReaderControl
from tla_sim.tools.simulator.control.tray import TrayCard
from tla_sim.tools.web.surgery.overview import Standing

if TYPE_CHECKING:
    from tla_sim.tools.simulator.control.running_reader import RunningReader


@dataclass(frozen=True, slots=True)
class ReaderSeen:
    """What a person at the practice sees of a reader. `kept_away` is why the practice sends it no
    command, if so."""

    serial: str
    kept_away: TlaError | None
    tampered: bool
    ps: TrayCard | None


def see(running: RunningReader, serial: str, refused: TlaError | None = None) -> ReaderSeen:
    """Look at a reader; `serial` is what it was last known by, `refused` why the practice may not work with
    it, if so. Raises ReaderGone.
    """

    def look(control: ReaderControl) -> ReaderSeen:
        kept_away = refused
        try:
            control.check_cable()
        except TlaError as error:
            kept_away = refused or error
        reader = control.reader
        known = reader.app.serial_number if reader.on else serial
        return ReaderSeen(known, kept_away, reader.board.tamper.tripped, control.slots[Slot.PS])

    return running.call(look).result()


@dataclass(frozen=True, slots=True)
class OnAnother:
    """How many documents are on another reader; `reader` is what the server calls it, empty if it does not
    show it."""

    serial: str
    reader: str
    count: int


@dataclass(frozen=True, slots=True)
class Share:
    """A reader's share of the practice's documents.

    `patients` have documents on it, `to_sign`, `ready` and `sent` count those that came from it, `elsewhere`
    those that are on other readers. `held` is what it says it has, `None` when it was not asked.
    """

    patients: Mapping[str, int]
    to_sign: int
    ready: int
    sent: int
    elsewhere: tuple[OnAnother, ...]
    held: tuple[DocumentOnBoard, ...] | None = None

    @property
    def loaded(self) -> int:
        """How many documents the ledger has on the reader."""
        return sum(self.patients.values())


def share_of(serial: str, documents: Sequence[Standing], names: Mapping[str, str]) -> Share:
    """Return a reader's share of documents; `names` are the readers' by serial number."""
    patients: Counter[str] = Counter()
    elsewhere: Counter[str] = Counter()
    states: Counter[LedgerState] = Counter()
    for each in documents:
        loaded = each.state is LedgerState.LOADED
        if each.reader == serial != "":
            states[each.state] += 1
            patients.update([each.patient] if loaded else [])
        elif loaded:
            elsewhere[each.reader] += 1
    return Share(
        patients,
        states[LedgerState.PARTIAL],
        sum(states[each] for each in TO_SEND),
        states[LedgerState.TRANSMITTED],
        tuple(OnAnother(other, names.get(other, ""), count) for other, count in elsewhere.items()),
    )
