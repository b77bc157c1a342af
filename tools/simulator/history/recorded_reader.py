"""A reader that can go back to any moment of its recorded past, and be kept as a snapshot."""

from __future__ import annotations

from collections.abc import Callable

from tla_sim.reader_fw.app.software.profile import TLA_1_40, Profile
from tla_sim.reader_fw.board.board import Board
from tla_sim.reader_fw.board.slots import SlotTap
from tla_sim.reader_fw.links.port import LinkTap
from tla_sim.tools.faults.plan import Fault
from tla_sim.tools.faults.striking import Strikes
from tla_sim.tools.simulator.history.input_recorder import InputRecorder
from tla_sim.tools.simulator.history.recorded_port import RecordedPort
from tla_sim.tools.simulator.history.snapshot import Snapshot
from tla_sim.tools.simulator.history.tapes import Tapes
from tla_sim.tools.simulator.history.travel import Journey, travel


def _tell_nobody(*_: object) -> None:
    pass


class RecordedReader(InputRecorder):
    """A reader whose inputs are recorded, and that goes back in place.

    `on_restored` is called after a rewind or a restore; before it `on_moved`, for whoever keeps the slots
    elsewhere.
    """

    def __init__(
        self, board: Board, strikes: Strikes, profile: Profile = TLA_1_40, seed: int | None = None
    ) -> None:
        self.on_restored: Callable[[], None] = lambda: None
        self.on_moved: Callable[[], None] = lambda: None
        self._told: tuple[Callable[[], None], Callable[[Fault], None]] = _tell_nobody, _tell_nobody
        self._taps: tuple[LinkTap | None, SlotTap | None] = None, None
        super().__init__(board, strikes, profile, seed)

    @property
    def orphans(self) -> tuple[RecordedPort, ...]:
        """The cables that are plugged in since a rewind, and that their owner had pulled out by now."""
        return tuple(port for port in self._ports if isinstance(port, RecordedPort) and port.left)

    def rewind(self, step: int) -> None:
        """Go back to the moment after the first `step` inputs; what came after it is forgotten.

        The links at the cables are not rewound: hang them up. A code porteur that was half typed is rubbed
        out, since its digits are not recorded. Raises HistoryFull, MomentForgotten; HistoryDiverged, which
        leaves the reader off.
        """
        chapter = self.chapters.find(step)
        present = self.chapters.present
        present.tapes = self.tapes
        travel(self, Journey(chapter.cold, chapter.log.first(step - chapter.first), chapter.tapes))
        self.chapters.cut(chapter, step)
        self.arrive()

    def snapshot(self, name: str = "") -> Snapshot:
        """Return the present moment, to be restored here or elsewhere. Raises HistoryFull."""
        self.note_draws()
        chapter = self.chapters.present
        return Snapshot.take(self, name, chapter.cold, chapter.log, self.tapes)

    def restore(self, snapshot: Snapshot) -> None:
        """Be the reader of a snapshot, in place; `rewind` still reaches back to what was before.

        A reader in memory gets the snapshot's size of flash. Raises OtherGeometry, OtherReader,
        UnknownProfile, CodecError for a snapshot that this reader cannot become, and as `rewind`.
        """
        snapshot.check_fits(self)
        before = self.tapes
        travel(self, Journey(snapshot.cold, snapshot.inputs(), snapshot.tapes, snapshot.shown))
        chapter = self.chapters.begin(snapshot.cold, before, restored=True)
        chapter.log.extend(snapshot.inputs())
        chapter.snapshot = snapshot
        chapter.ahead_ms = self._ahead_ms
        self.arrive()

    def quieten(self, quiet: bool) -> None:
        """Have nobody told what happens in a replay, or tell it again."""
        if quiet:
            self._told = self.on_request, self.strikes.report
            self._taps = self.tap, self.board.slots.tap
            self.on_request, self.strikes.report = _tell_nobody, _tell_nobody
            self.tap = self.board.slots.tap = None
        else:
            self.on_request, self.strikes.report = self._told
            self.tap, self.board.slots.tap = self._taps

    def give_up(self, tapes: Tapes) -> None:
        """Begin a chapter with the reader as it is, off; the tapes are those of the present one."""
        self._given = self._entropy.given
        self._was_on = False
        self.chapters.begin(self.freeze(), tapes, restored=True)
        self.codes.wind(())
        self.writes.wind(())

    def arrive(self) -> None:
        """Go on from where a replay has led."""
        self._given = self._entropy.given
        self._back = self.comes_back_ms
        self._was_on = self.on
        on_input, self.on_input = self.on_input, lambda: None
        if self.code_entry is not None and self.code_entry.stars:
            self.rub_out()
        self.on_input = on_input
        self.on_moved()
        self.on_restored()
