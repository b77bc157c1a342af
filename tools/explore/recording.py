"""Record the round without faults: every flash operation, and the state of the world at each of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tla_sim.host.ledger.ledger import Ledger
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.invoice import digest
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.t1.actions import LinkSettings
from tla_sim.reader_fw.board.flash import FlashOperation, NorFlash
from tla_sim.reader_fw.board.flash_log import FlashLog
from tla_sim.reader_fw.cards.image import CardImage
from tla_sim.tools.explore.round import Round
from tla_sim.tools.explore.scratch import scratch
from tla_sim.tools.explore.watch import Watch
from tla_sim.tools.explore.world import World
from tla_sim.tools.faults.kinds import Counted
from tla_sim.tools.faults.plan import FaultPlan
from tla_sim.tools.judge.ledger import Board, LedgerLine, read_ledger

RECORDED_SEED: Final = 1
"""A plan with this seed strikes exactly the recorded round."""

_RESUMED_SEED: Final = 1_000
_FILES: Final = ("ledger.sqlite", "ledger.sqlite-wal")

View = tuple[tuple[DocumentId, InvoiceState, bytes], ...]
"""A board as a hashable value: each document with its state and its content's digest."""


@dataclass(frozen=True)
class LedgerFiles:
    """A ledger's files as they were on the disk, and their lines."""

    files: tuple[tuple[str, bytes], ...]
    lines: dict[DocumentId, LedgerLine]

    def restore(self, directory: Path) -> None:
        """Write the files into a directory."""
        for name, data in self.files:
            (directory / name).write_bytes(data)


@dataclass(frozen=True)
class Moment:
    """The state of the world at one flash operation.

    `request`, `ledger` and `cards` are numbers of a recording's views, ledgers and cards; `counter` is the
    highest signature counter given out, `mistaken` whether the code was mistyped already, `signed_told` how
    many invoices the screen reported as signed.
    """

    stage: int
    request: int
    ledger: int
    cards: int
    counter: int
    mistaken: bool
    signed_told: int


@dataclass(frozen=True)
class StageStart:
    """The flash image and the moment at which a stage began, and the counts of events until then."""

    image: bytes
    moment: Moment
    counts: dict[Counted, int]


@dataclass
class Recording:
    """The recorded round. `views[n]` is the board before request n: during it, a board shows `views[n]` or
    `views[n + 1]`."""

    log: FlashLog
    moments: list[Moment] = field(default_factory=list)
    views: list[View] = field(default_factory=list)
    contents: dict[bytes, bytes] = field(default_factory=dict)
    ledgers: list[LedgerFiles] = field(default_factory=list)
    cards: list[dict[str, CardImage]] = field(default_factory=list)
    stages: tuple[str, ...] = ()
    starts: list[StageStart] = field(default_factory=list)
    counts: dict[Counted, int] = field(default_factory=dict)

    @property
    def first_start(self) -> int:
        """The number of flash operations of a new reader's first start."""
        return sum(moment.request == 0 for moment in self.moments)

    def allowed(self, moment: Moment) -> tuple[View, ...]:
        """Return the views that the board may show after a cut at this moment."""
        return tuple(self.views[moment.request : moment.request + 2])

    def watch(self, moment: Moment) -> Watch:
        """Return a watch that knows what was seen and reported by this moment."""
        watch = Watch(moment.counter)
        watch.signed_told = moment.signed_told
        watch.remember(self.ledgers[moment.ledger].lines, self._signed(moment))
        return watch

    def resume(
        self,
        moment: Moment,
        directory: Path,
        flash: NorFlash,
        *,
        seed: int,
        plan: FaultPlan | None = None,
        line: LinkSettings | None = None,
    ) -> Round:
        """Return the round at this moment, in a world with this flash and the ledger and cards as they were.

        Even with the recorded seed, its random bytes differ from the recorded ones.
        """
        self.ledgers[moment.ledger].restore(directory)
        world = World(
            directory,
            plan,
            flash=flash,
            card_images=self.cards[moment.cards],
            seed=seed + _RESUMED_SEED,
            line=line,
        )
        return Round(world, self.watch(moment), mistaken=moment.mistaken)

    def _signed(self, moment: Moment) -> tuple[bytes, ...]:
        """Return the FSEs that may be on board at this moment."""
        digests = (
            each
            for view in self.allowed(moment)
            for _, state, each in view
            if state in (InvoiceState.PARTIAL, InvoiceState.COMPLETE)
        )
        return tuple(self.contents[each] for each in dict.fromkeys(digests))


class _Recorder:
    """Records a world while it plays the round, by hooks into it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.round = Round(world)
        self.recording = Recording(FlashLog(world.flash.read_image()))
        self.recording.stages = tuple(name for name, _ in self.round.stages)
        self._stage = 0
        self._counter = 0
        world.flash.hooks.append(self)
        world.reader.on_request = self._request_done
        world.on_card_write = self._cards_changed
        world.host_faults.on_commit = self._ledger_changed
        self.round.on_stage = self._stage_begins
        self.recording.views.append(())
        self._ledger_changed()
        self._cards_changed()

    def before(self, flash: NorFlash, operation: FlashOperation) -> None:
        """Record an operation; called by the flash."""
        recording, reader = self.recording, self.world.reader
        recording.log.before(flash, operation)
        if reader.on:
            self._counter = max(self._counter, reader.app.store.counter)
        recording.moments.append(self._moment())

    def _moment(self) -> Moment:
        recording = self.recording
        return Moment(
            self._stage,
            len(recording.views) - 1,
            len(recording.ledgers) - 1,
            len(recording.cards) - 1,
            self._counter,
            self.round.mistaken,
            self.round.watch.signed_told,
        )

    def _stage_begins(self, number: int) -> None:
        self._stage = number
        start = StageStart(self.world.flash.read_image(), self._moment(), counts_of(self.world))
        self.recording.starts.append(start)

    def _request_done(self) -> None:
        reader, recording = self.world.reader, self.recording
        if not reader.on:
            return
        store = reader.app.store
        board = {each.key: (each.state, store.content(each.key)) for each in store.entries()}
        for entry in store.entries():
            recording.contents.setdefault(entry.digest, board[entry.key][1])
        recording.views.append(view_of(board))

    def _cards_changed(self) -> None:
        self.recording.cards.append(dict(self.world.card_images))

    def _ledger_changed(self) -> None:
        directory = self.world.directory
        there = [name for name in _FILES if (directory / name).exists()]
        taken = LedgerFiles(tuple((name, (directory / name).read_bytes()) for name in there), {})
        if there:
            # Read from a copy: opening the ledger itself would change its files.
            with scratch() as copy:
                taken.restore(copy)
                with Ledger.open(copy / _FILES[0]) as ledger:
                    taken.lines.update(read_ledger(ledger))
        self.recording.ledgers.append(taken)


def view_of(board: Board) -> View:
    """Return a board as a view."""
    return tuple((document, state, digest(content)) for document, (state, content) in sorted(board.items()))


def counts_of(world: World) -> dict[Counted, int]:
    """Return the events so far, by what faults count; of the two slots' commands, the greater number."""
    commands = max(count.commands for count in world.reader.card_counts.values())
    return {**world.strikes.counts, Counted.APDUS: commands}


def counts_on_a_line(directory: Path) -> dict[Counted, int]:
    """Return the counts of a round without faults over a serial line; the recorded round uses none."""
    world = World(directory, seed=RECORDED_SEED, line=LinkSettings())
    Round(world).run()
    world.close()
    return counts_of(world)


def record(directory: Path) -> Recording:
    """Play the round once in `directory` and record it. Raises Violation if it fails even without faults."""
    world = World(directory, seed=RECORDED_SEED)
    recorder = _Recorder(world)
    recorder.round.run()
    recorder.round.watch.finish(world)
    recorder.recording.counts = counts_of(world)
    world.close()
    return recorder.recording
