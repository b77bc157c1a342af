"""The history of a reader in chapters: a cold image each, and the inputs since. Bounded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tla_sim.protocol.errors import Category, TlaError
from tla_sim.tools.simulator.history.cold_image import ColdImage
from tla_sim.tools.simulator.history.input_log import MAX_STEPS, InputLog
from tla_sim.tools.simulator.history.inputs import Op
from tla_sim.tools.simulator.history.tapes import Tapes

if TYPE_CHECKING:
    from tla_sim.tools.simulator.history.snapshot import Snapshot

MAX_BYTES: Final = 64 * 1024 * 1024
"""How much memory a history may take. Beyond it the oldest chapters are dropped."""
_CHECKED_EVERY: Final = 1_024


class HistoryFull(TlaError):
    """More was done to the reader since it was last off than its history keeps."""

    category = Category.REFUSED


class MomentForgotten(TlaError):
    """The reader's history does not reach back to that moment, or not that far yet."""

    category = Category.REFUSED


@dataclass
class Chapter:
    """A reader that was off after `first` inputs, and what was done to it since; `tapes` once it is over.

    A `restored` one begins with a `snapshot` instead, whose inputs are the first of its log, or where a
    replay failed. `ahead_ms` is what the reader was ahead of real time when its own history began.
    """

    cold: ColdImage
    first: int
    log: InputLog = field(default_factory=InputLog)
    tapes: Tapes = field(default_factory=Tapes)
    restored: bool = False
    snapshot: Snapshot | None = None
    ahead_ms: int = 0

    @property
    def arrived(self) -> int:
        """How many inputs it got with the snapshot."""
        return 0 if self.snapshot is None else self.snapshot.steps

    @property
    def size(self) -> int:
        """About how many bytes it takes in memory."""
        return self.cold.size + self.log.size + (0 if self.snapshot is None else len(self.snapshot.packed))


class Chapters:
    """The chapters that are remembered, the last of which is being written."""

    def __init__(self, cold: ColdImage, most: int = MAX_BYTES) -> None:
        self._most = most
        self._chapters = [Chapter(cold, 0)]
        self._lost_from: int | None = None
        self._lost = 0

    @property
    def step(self) -> int:
        """How many inputs there were so far, those that are forgotten included."""
        if self._lost_from is not None:
            return self._lost_from + self._lost
        last = self._chapters[-1]
        return last.first + last.log.steps

    @property
    def earliest(self) -> int:
        """The first moment that can be gone back to. Raises HistoryFull."""
        self._check()
        return self._chapters[0].first

    @property
    def unbroken(self) -> tuple[Chapter, ...]:
        """The chapters that followed each other without a snapshot in between, the present one last.

        Raises HistoryFull.
        """
        self._check()
        found = self._chapters[-1:]
        for chapter in reversed(self._chapters[:-1]):
            if found[0].restored:
                break
            found.insert(0, chapter)
        return tuple(found)

    @property
    def present(self) -> Chapter:
        """The chapter that is being written. Raises HistoryFull."""
        self._check()
        return self._chapters[-1]

    def add(self, op: Op, subject: int = 0, number: int = 0, data: bytes = b"") -> None:
        """Add an input."""
        if self._lost_from is not None:
            self._lost += 1
            return
        log = self._chapters[-1].log
        log.add(op, subject, number, data)
        if log.steps % _CHECKED_EVERY == 0:
            self._drop_oldest()

    def begin(self, cold: ColdImage, tapes: Tapes, *, restored: bool = False) -> Chapter:
        """Begin a chapter; the tapes are those of the last."""
        step = self.step
        if self._lost_from is not None:
            self._chapters, self._lost_from, self._lost = [], None, 0
        else:
            self._chapters[-1].tapes = tapes
        # A step lies between, so that the last moment before a snapshot was restored has its own.
        self._chapters.append(Chapter(cold, step + restored, restored=restored))
        self._drop_oldest()
        return self._chapters[-1]

    def find(self, step: int) -> Chapter:
        """Return the chapter that a moment is in. Raises HistoryFull, MomentForgotten."""
        self._check()
        found = [chapter for chapter in self._chapters if chapter.first <= step]
        if not found or step > found[-1].first + found[-1].log.steps:
            raise MomentForgotten(
                "The reader's history reaches from step {first} to {last}, and step {step} is not in it",
                "Choose a later moment, or a snapshot",
                first=self._chapters[0].first,
                last=self.step,
                step=step,
            )
        return found[-1]

    def cut(self, chapter: Chapter, step: int) -> None:
        """Forget what came after a moment."""
        del self._chapters[self._chapters.index(chapter) + 1 :]
        chapter.log.cut(step - chapter.first)
        if chapter.log.steps < chapter.arrived:
            chapter.snapshot = None

    def _check(self) -> None:
        if self._lost_from is not None:
            raise HistoryFull(
                "More was done to the reader since it was switched on than its history keeps",
                "Switch it off and on: its history begins anew then",
            )

    def _drop_oldest(self) -> None:
        while len(self._chapters) > 1 and sum(chapter.size for chapter in self._chapters) > self._most:
            del self._chapters[0]
        last = self._chapters[-1]
        if last.size > self._most or last.log.steps >= MAX_STEPS:
            self._lost_from = self.step
            self._chapters = []
