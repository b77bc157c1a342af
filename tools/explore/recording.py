"""The round without faults, written down: every flash operation, and what the world was at each of them."""

from __future__ import annotations

from collections.abc import Callable
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
from tla_sim.tools.explore.world import World
from tla_sim.tools.faults.kinds import Counted
from tla_sim.tools.judge.ledger import Board, LedgerLine, read_ledger

RECORDED_SEED: Final = 1
"""A plan with this seed strikes the very round that is recorded."""

_FILES: Final = ("ledger.sqlite", "ledger.sqlite-wal")

View = tuple[tuple[DocumentId, InvoiceState, bytes], ...]
"""A board as a value: each document, its state, its content's digest."""


@dataclass(frozen=True)
class LedgerFiles:
    """A ledger's files as they were on the disk, and what they say."""

    files: tuple[tuple[str, bytes], ...]
    lines: dict[DocumentId, LedgerLine]

    def restore(self, directory: Path) -> None:
        """Put the files into a directory."""
        for name, data in self.files:
            (directory / name).write_bytes(data)


@dataclass(frozen=True)
class Moment:
    """The world around one flash operation: the stage under way, the number of the request, of the ledger's
    and of the cards' state, the highest signature counter given out, whether the code was mistyped."""

    stage: int
    request: int
    ledger: int
    cards: int
    counter: int
    mistaken: bool
    signed_told: int


@dataclass(frozen=True)
class StageStart:
    """The flash image and the world as a stage began, and how much of everything there was until then."""

    image: bytes
    moment: Moment
    counts: dict[Counted, int]


@dataclass
class Recording:
    """`views[n]` is the board before request n, so during it the board shows `views[n]` or `views[n + 1]`."""

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
        """How many operations a new reader's first start takes."""
        return sum(moment.request == 0 for moment in self.moments)

    def allowed(self, moment: Moment) -> tuple[View, ...]:
        """What the board may show after a cut at this moment."""
        return tuple(self.views[moment.request : moment.request + 2])

    def signed(self, moment: Moment) -> tuple[bytes, ...]:
        """The FSEs that may be on board at this moment."""
        digests = (
            each
            for view in self.allowed(moment)
            for _, state, each in view
            if state in (InvoiceState.PARTIAL, InvoiceState.COMPLETE)
        )
        return tuple(self.contents[each] for each in dict.fromkeys(digests))


class _Recorder:
    """Watches a world go through the round."""

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
        """The flash's hook."""
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
        view = view_of(
            {
                each.key: (
                    each.state,
                    store.content(each.key),
                )
                for each in store.entries()
            }
        )
        for entry in store.entries():
            recording.contents.setdefault(entry.digest, store.content(entry.key))
        recording.views.append(view)

    def _cards_changed(self) -> None:
        self.recording.cards.append(dict(self.world.card_images))

    def _ledger_changed(self) -> None:
        directory = self.world.directory
        files = tuple(
            (name, (directory / name).read_bytes()) for name in _FILES if (directory / name).exists()
        )
        lines: dict[DocumentId, LedgerLine] = {}
        if files:
            with scratch() as copy:
                for name, data in files:
                    (copy / name).write_bytes(data)
                with Ledger.open(copy / _FILES[0]) as ledger:
                    lines = read_ledger(ledger)
        self.recording.ledgers.append(LedgerFiles(files, lines))


def view_of(board: Board) -> View:
    """A board as a value."""
    return tuple((document, state, digest(content)) for document, (state, content) in sorted(board.items()))


def counts_of(world: World) -> dict[Counted, int]:
    """How much of each thing that faults count there was; of the two slots' commands the greater number."""
    commands = max(count.commands for count in world.reader.card_counts.values())
    return {**world.strikes.counts, Counted.APDUS: commands}


def counts_on_a_line(directory: Path) -> dict[Counted, int]:
    """How much of each thing a round without faults has over a serial line; the recorded one has none."""
    world = World(directory, seed=RECORDED_SEED, line=LinkSettings())
    Round(world).run()
    world.close()
    return counts_of(world)


def record(
    directory: Path, seed: int = RECORDED_SEED, prepare: Callable[[World], None] = lambda _: None
) -> Recording:
    """Run the round once in `directory`. Raises Violation when it fails even without faults."""
    world = World(directory, seed=seed)
    prepare(world)
    recorder = _Recorder(world)
    recorder.round.run()
    recorder.round.watch.finish(world)
    recorder.recording.counts = counts_of(world)
    world.close()
    return recorder.recording
