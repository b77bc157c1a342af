"""One practice with its ledger and its outbox, and what it does with the readers of this server.

Every method does what the verb of the same name does, by the same functions of the host. They block, and may
be called from several threads: each opens the ledger for itself.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from tla_sim.host.client import ReaderClient
from tla_sim.host.desk.load import LoadPlan, plan_load
from tla_sim.host.documents import DocumentOnBoard
from tla_sim.host.ledger.ledger import DocumentFilter, Ledger, LedgerState, local_time
from tla_sim.host.practice.model import Practice
from tla_sim.host.regular_file import read_beginning
from tla_sim.host.round.outbox import file_name
from tla_sim.host.round.pull import Pulled, pull
from tla_sim.host.round.push import Pushed, push_owner
from tla_sim.host.round.sign import PsCardHolder, Signed, sign
from tla_sim.host.round.transmit import Transmitted, transmit
from tla_sim.protocol.commands.cards import PsCardData, VitaleData
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.documents.fse import MAX_FSE_BYTES
from tla_sim.protocol.documents.invoice import PreparedInvoice
from tla_sim.protocol.errors import Category, StatusError, TlaError
from tla_sim.tools.simulator.control.events import EventKind
from tla_sim.tools.simulator.control.trace_ring import LOOK_PORT
from tla_sim.tools.simulator.passing_folder import PassingFolder
from tla_sim.tools.web.problems import BenchStopped
from tla_sim.tools.web.surgery.cable import SurgeryCable
from tla_sim.tools.web.surgery.hindrances import Case, hindrances
from tla_sim.tools.web.surgery.kept_ledger import KeptLedger
from tla_sim.tools.web.surgery.overview import Standing, standing
from tla_sim.tools.web.surgery.practice_now import PracticeNow
from tla_sim.tools.web.surgery.practice_on_disk import PracticeNotWritten, practice_on_disk
from tla_sim.tools.web.surgery.reader_time import time_at
from tla_sim.tools.web.surgery.share import Share, see, share_of
from tla_sim.tools.web.surgery.work import Action, Tell, Work, WorkList, WorkNow

if TYPE_CHECKING:
    from tla_sim.tools.simulator.control.running_reader import RunningReader

_LEDGER: Final = "ledger.db"
_AT_ONCE: Final = 64
"""How many pieces of work may be under way; each may wait for a person, and so has a thread of its own."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did: the plan that it followed, and the result for each owner, others included."""

    plan: LoadPlan
    pushed: tuple[Pushed, ...]


@dataclass(frozen=True, slots=True)
class AtReader:
    """A reader's share of the documents, and why each piece of work cannot be done with it now, if so."""

    share: Share
    cannot: Mapping[Action, TlaError]


class UnknownFile(TlaError):
    """No file of this name is in the outbox."""

    category = Category.BAD_INPUT
    http_status = 404


class Surgery:
    """A practice at work. Without a ledger's file, it keeps everything in a folder that goes with it.

    The files that leave go into a folder beside the ledger: `book.db` has `book-outbox`. `threads` are for
    calling its methods, each of which may wait for a person; `ledger` is for those who only look. `changes`
    grows whenever what the practice holds may have changed, and `on_change` is called then, in any thread.
    `clock` gives the practice's own time, by which its work is dated.
    """

    def __init__(
        self, practice: Practice, ledger: Path | None = None, practice_file: Path | None = None
    ) -> None:
        self.now = PracticeNow(practice)
        self.on_disk = practice_on_disk(practice_file)
        self.kept = ledger
        self.work = WorkList()
        self.changes = 0
        self.on_change: Callable[[], object] = lambda: None
        self.clock: Callable[[], datetime] = local_time
        self._counter = itertools.count(1)
        self._cables: list[SurgeryCable] = []
        self._stopped = False
        self._lock = threading.Lock()
        self._editing = threading.Lock()
        self.threads = ThreadPoolExecutor(_AT_ONCE, "surgery")
        self._passing = None if ledger else PassingFolder("tla-surgery-")
        self._file = ledger or (self._passing.path if self._passing else Path()) / _LEDGER
        with self.open_ledger():
            pass  # A file that is no ledger is told now, not at the first click.
        self.ledger = KeptLedger(self._file, self.open_ledger)
        self.outbox = self._file.with_name(f"{self._file.stem}-outbox")

    def open_ledger(self, reader: RunningReader | None = None) -> Ledger:
        """Open the ledger for the calling thread; what is done with a reader is dated by its clock.

        Raises LedgerUnusable.
        """
        return Ledger.open(self._file, clock=self.clock if reader is None else lambda: time_at(reader))

    def changed(self) -> None:
        """Say that what the practice holds may have changed."""
        self.changes = next(self._counter)
        self.on_change()

    def at_reader(
        self,
        reader: RunningReader,
        readers: Mapping[str, str],
        refused: TlaError | None = None,
        documents: Sequence[Standing] | None = None,
    ) -> AtReader:
        """Return what the practice has on a reader and can do with it. Raises LedgerUnusable, ReaderGone.

        `readers` are the serial numbers of those on the bench, by name; this one may have left it just now.
        `refused` is why the practice may not work with it, if so; `documents` are those
        that count, by default all. The reader is asked what it has, unless the
        practice has nothing on it or is at work with it: nobody else's session with it is met for nothing.
        """
        seen = see(reader, readers.get(reader.name, ""), refused)
        documents = self.standing() if documents is None else documents
        share = share_of(seen.serial, documents, {each: name for name, each in readers.items()})
        if share.loaded and seen.kept_away is None:
            # Whatever keeps it from answering is told when something is wanted of it.
            with suppress(TlaError):
                share = replace(share, held=self.look(reader))
        return AtReader(share, hindrances(Case(reader.name, seen, share, documents)))

    def look(self, reader: RunningReader) -> tuple[DocumentOnBoard, ...]:
        """Return what is on a reader, which takes no card. Raises `LinkError`, `StatusError`."""
        with self.looking(reader) as client:
            return client.list_documents()

    @contextmanager
    def looking(self, reader: RunningReader) -> Iterator[ReaderClient]:
        """Ask a reader for what changes nothing, unseen by those who follow it. Raises SurgeryBusy."""
        with (
            self.work.begin(reader.name, Action.LOOK, _teller(None)),
            self._plugged(SurgeryCable(reader, port=LOOK_PORT)) as cable,
        ):
            yield ReaderClient(cable)

    def try_card(
        self, reader: RunningReader, code: str | None = None
    ) -> tuple[PsCardData, VitaleData | None]:
        """Verify the code of the card in the PS slot; return that card, and what a Vitale in the other slot
        says. The session ends with this, and the code is forgotten. Raises as `unload`.
        """
        with self.at_work(reader, Action.CARD) as (work, client, _):
            card = authenticate(client, work, code)
            return card, client.read_vitale() if client.diagnostics().vitale_card else None

    def load(
        self, reader: RunningReader, owners: Sequence[str] = (), *, others: bool | Sequence[str] = False
    ) -> Loaded:
        """Load these owners' invoices, by default everyone's; with `others`, also those of other owners for
        the same patients: of those named, or of all if the reader takes them. Raises as `plan_load`,
        `LoadPlan.check_others` and `push_owner`, and `SurgeryBusy` while one of them is billed elsewhere.
        """
        asked = [
            (each.owner, each.number)
            for each in self.prepared
            if others or not owners or each.owner in owners
        ]
        with (
            self.work.holding(asked),
            self.at_work(reader, Action.LOAD) as (work, client, ledger),
        ):
            plan = plan_load(client, ledger, self.practice, owners)
            if isinstance(others, bool):
                more = plan.proposal.others if others and plan.proposal.multi_owner else ()
            else:
                more = plan.check_others(others)
            pushed = tuple(
                push_owner(client, ledger, owner, plan.of(owner), work.go_on)
                for owner in (*plan.proposal.chosen, *more)
            )
        return Loaded(plan, pushed)

    def unload(self, reader: RunningReader, code: str | None = None) -> Pulled:
        """Bring back what is certified, with the card in the PS slot; without a code, it is asked for on the
        reader's keys. Raises as `pull` and `ReaderClient.verify_code`.
        """
        with self.at_work(reader, Action.UNLOAD) as (work, client, ledger):
            authenticate(client, work, code)
            return pull(client, ledger, on_progress=work.go_on)

    def sign(self, reader: RunningReader, code: str | None = None) -> tuple[Signed, str]:
        """Give the final signatures of the card in the PS slot; return the result and the holder's name.

        Raises as `tla_sim.sign` and `unload`.
        """
        with self.at_work(reader, Action.SIGN) as (work, client, ledger):
            card = authenticate(client, work, code)
            signed = sign(client, ledger, card=card, on_progress=work.go_on)
        return signed, PsCardHolder.of(card).name

    def transmit(self, reader: RunningReader | None = None) -> Transmitted:
        """Write what has all its signatures into the outbox; who follows `reader` sees how far it is.

        Raises as `tla_sim.transmit`.
        """
        with self.at_desk(Action.TRANSMIT, reader) as (work, ledger):
            return transmit(ledger, self.outbox, on_progress=work.go_on)

    def stop(self) -> None:
        """Have what is under way with readers end at its next exchange, or at once if it waits for a person.

        It ends with BenchStopped, and so does all that begins later. What was done is kept.
        """
        with self._lock:
            self._stopped = True
            for cable in self._cables:
                cable.stop()

    def close(self) -> None:
        """Remove what was kept for this run alone. Work under way ends with its reader."""
        self.threads.shutdown(wait=False, cancel_futures=True)
        self.ledger.close()
        if self._passing is not None:
            self._passing.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def standing(self) -> tuple[Standing, ...]:
        """Return where every document of the practice stands. Raises LedgerUnusable."""

        def find(ledger: Ledger) -> tuple[Standing, ...]:
            return standing(self.prepared, ledger)

        return self.ledger.ask(lambda kept: kept.remember("standing", find)).result()

    def file(self, name: str) -> bytes:
        """Return the content of a file that left. Raises UnknownFile."""
        with self.open_ledger() as ledger:
            left = ledger.documents(DocumentFilter(states=(LedgerState.TRANSMITTED,)))
        try:
            if any(file_name(each.id) == name for each in left):
                return read_beginning(self.outbox / name, MAX_FSE_BYTES)
        except OSError:
            pass  # It was taken away since.
        raise UnknownFile("The outbox has no file {name}", "Choose one of those that are listed", name=name)

    @property
    def today(self) -> date:
        """The practice's day."""
        return self.clock().date()

    @property
    def practice(self) -> Practice:
        """The practice as it is now."""
        return self.now.practice

    @property
    def prepared(self) -> tuple[PreparedInvoice, ...]:
        """The practice's prepared invoices."""
        return self.now.prepared

    def edit(self, make: Callable[[PracticeNow], Practice], *, write: bool = False) -> PracticeNow:
        """Work from now on with the practice that `make` makes of this one; its file stays as it is unless
        `write`.

        Raises what `make` raises; `SurgeryBusy` while something is under way; `ContentDiffers` for a changed
        invoice whose number names another one in the ledger, or that is on a reader or certified otherwise;
        `PracticeNotWritten`.
        """
        with self._editing:
            edited = PracticeNow(make(self.now))
            _ = edited.prepared, self.now.prepared  # Work waits for what follows, but not for these.
            with self.work.idle(), self.open_ledger() as ledger:
                edited.check(ledger, self.now)
                if write:
                    self._write(edited)
                self.now = edited
        self.ledger.forget()
        return edited

    def _write(self, edited: PracticeNow) -> None:
        if self.on_disk is None:
            raise PracticeNotWritten(
                "The practice was not read from a file that can be written", "Save it as a practice file"
            )
        self.on_disk.replace(edited.text)

    @contextmanager
    def _plugged(self, cable: SurgeryCable) -> Iterator[SurgeryCable]:
        with self._lock:
            if self._stopped:
                raise BenchStopped
            self._cables.append(cable)
        try:
            with cable:
                yield cable
        finally:
            with self._lock:
                self._cables.remove(cable)

    @contextmanager
    def at_work(self, reader: RunningReader, action: Action) -> Iterator[tuple[Work, ReaderClient, Ledger]]:
        """Work with a reader, alone, and tell how far it is: gives the work, a client and the ledger.

        Raises SurgeryBusy, BenchStopped, LedgerUnusable.
        """
        with (
            self._telling(),
            self.work.begin(reader.name, action, _teller(reader)) as work,
            self._plugged(SurgeryCable(reader, work.wait_for_code)) as cable,
            self.open_ledger(reader) as ledger,
        ):
            yield work, ReaderClient(cable), ledger

    @contextmanager
    def at_desk(
        self, action: Action, reader: RunningReader | None = None, file: str = ""
    ) -> Iterator[tuple[Work, Ledger]]:
        """Send what leaves, one at a time, and tell whoever follows `reader` how far it is: gives the work
        and the ledger. Raises SurgeryBusy, LedgerUnusable.
        """
        with (
            self._telling(),
            self.work.begin("", action, _teller(reader), file) as work,
            self.open_ledger(reader) as ledger,
        ):
            yield work, ledger

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        finally:
            self.changed()


def authenticate(client: ReaderClient, work: Work, code: str | None) -> PsCardData:
    """Verify the code of the card in the PS slot; without one, have it typed on the reader's keys.

    Raises `StatusError`, `CodeFormatError`, `LinkError`.
    """
    card = client.read_ps_card()
    if card.tries_left == 0:
        raise StatusError(Status.CODE_BLOCKED)
    if code is not None:
        return client.verify_code(code, card)
    work.holder = PsCardHolder.of(card).name
    card = client.verify_code_at_reader()
    work.go_on()
    return card


def _teller(reader: RunningReader | None) -> Tell:
    def tell(now: WorkNow) -> None:
        if reader is not None:
            reader.events.add(EventKind.PROGRESS, asdict(now) | {"reader": reader.name})

    return tell
