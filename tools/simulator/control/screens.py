"""The settled screens of a reader: each with a revision, in a timeline that goes back a bounded way."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import Final

from tla_sim.protocol.errors import Category, TlaError
from tla_sim.reader_fw.board.display import Screen

MAX_SCREENS: Final = 10_000
"""How many screens a timeline keeps (Project-defined)."""


class ScreenForgotten(TlaError, LookupError):
    """The timeline has no screen of this revision or time: it never had, or no longer keeps it."""

    category = Category.BAD_INPUT


@dataclass(frozen=True, slots=True)
class ScreenShown:
    """A settled screen: nothing more happens to it before a key, a card, a command or some time.

    `revision` grows by every screen that differs from the one before it, and is never used again. `clock_ms`
    is the reader's clock when it was first shown, `lines` are four of 20 characters, `on` is whether the
    reader is switched on. `step` is how many inputs the reader had taken then.
    """

    revision: int
    clock_ms: int
    lines: Screen
    on: bool
    step: int = field(default=0, repr=False, compare=False)
    text: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", "\n".join(line.rstrip() for line in self.lines))


class Timeline:
    """The screens shown so far, the oldest first, at most `most`."""

    def __init__(self, most: int = MAX_SCREENS) -> None:
        self._most = most
        self._screens: list[ScreenShown] = []
        self._last_revision = 0

    @property
    def now(self) -> ScreenShown:
        """The screen that is shown now."""
        return self._screens[-1]

    def show(
        self, clock_ms: int, lines: Screen, on: bool, step: int = 0, *, again: bool = False
    ) -> ScreenShown | None:
        """Add what is shown now. Return it, or `None` when it was shown already, unless `again` is set."""
        if self._screens and not again:
            now = self._screens[-1]
            if now.lines == lines and now.on == on:
                return None
        self._last_revision += 1
        shown = ScreenShown(self._last_revision, clock_ms, lines, on, step)
        self._screens.append(shown)
        # A quarter at a time, so that a full timeline costs nothing at each screen.
        if len(self._screens) > self._most + self._most // 4:
            del self._screens[: -self._most]
        return shown

    def after(self, revision: int, limit: int | None = None) -> tuple[ScreenShown, ...]:
        """Return the screens newer than a revision, the oldest first, at most `limit`."""
        kept = self._kept
        start = bisect_right(kept, revision, key=_revision)
        return tuple(kept[start:] if limit is None else kept[start : start + limit])

    def at(self, revision: int) -> ScreenShown:
        """Return the screen of a revision. Raises ScreenForgotten."""
        kept = self._kept
        place = bisect_left(kept, revision, key=_revision)
        if place == len(kept) or kept[place].revision != revision:
            raise ScreenForgotten(
                "There is no screen of revision {revision}",
                "Take one of {first} to {last}",
                revision=revision,
                first=kept[0].revision,
                last=kept[-1].revision,
            )
        return kept[place]

    def drop_after(self, step: int) -> None:
        """Forget the screens that came after a step."""
        while self._screens and self._screens[-1].step > step:
            self._screens.pop()

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def _kept(self) -> list[ScreenShown]:
        return self._screens[-self._most :] if len(self._screens) > self._most else self._screens


def _revision(shown: ScreenShown) -> int:
    return shown.revision
