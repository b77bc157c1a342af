"""The session with a reader so far, as text that does it again."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from enum import StrEnum
from itertools import chain
from typing import Final

from tla_sim.protocol.errors import Category, TlaError
from tla_sim.reader_fw.board.display import Display, Screen
from tla_sim.tools.cast import demo_practice
from tla_sim.tools.simulator.control.reader_control import ReaderControl
from tla_sim.tools.simulator.history.chapters import Chapter
from tla_sim.tools.web.session_text.http_calls import http_calls
from tla_sim.tools.web.session_text.passing import time_passed
from tla_sim.tools.web.session_text.pytest_test import pytest_test
from tla_sim.tools.web.session_text.reading import Beginning, read_steps
from tla_sim.tools.web.session_text.session import Inserted, Made, Session
from tla_sim.tools.web.session_text.start import card_names
from tla_sim.tools.web.session_text.visit_script import visit_script


class SessionKind(StrEnum):
    """The texts that a session can be told as."""

    VISIT = "visit"
    HTTP = "http"
    PYTEST = "pytest"


class UnknownSessionKind(TlaError, ValueError):
    """A session cannot be told as that."""

    category = Category.BAD_INPUT


_WRITERS: Final = {
    SessionKind.VISIT: visit_script,
    SessionKind.HTTP: http_calls,
    SessionKind.PYTEST: pytest_test,
}


def session_text(control: ReaderControl, kind: str) -> str:
    """Return the session with a reader as a `visit` script, `http` calls or a `pytest` test.

    It does the session again and compares every screen. Codes porteur are not in it. Raises
    UnknownSessionKind, HistoryFull.
    """
    if kind not in list(SessionKind):
        raise UnknownSessionKind(
            "A session cannot be told as {kind!r}", "Choose {kinds}", kind=kind, kinds=", ".join(SessionKind)
        )
    return _WRITERS[SessionKind(kind)](read_session(control))


def read_session(control: ReaderControl) -> Session:
    """Return the session with a reader, from its making or from the last snapshot that was restored.

    Raises HistoryFull.
    """
    chapters = control.reader.chapters.unbroken
    begin = chapters[0]
    start = begin.first + begin.arrived
    screens = _Screens(control)
    names = card_names(chapters)
    shown = Display().lines if begin.snapshot is None else screens.first_from(start)
    beginning = Beginning(
        start,
        begin.log.first(begin.arrived),
        {slot: state.chip >= 0 for slot, state in begin.cold.slots.items()},
        {port.number: port.name for port in begin.cold.ports},
        shown if begin.snapshot is not None else None,
    )
    inputs = chain(begin.log.after(begin.arrived), *(chapter.log for chapter in chapters[1:]))
    ahead_ms = begin.cold.ahead_ms if begin.snapshot is None else begin.ahead_ms
    read = read_steps(
        beginning, time_passed(inputs, start, screens.clocks, ahead_ms), screens, names.__getitem__
    )
    made = _made(control, begin, {step.card for step in read.steps if isinstance(step, Inserted)})
    return Session(read.steps, control.name, made, shown, read.plugged)


def _made(control: ReaderControl, begin: Chapter, inserted: set[str]) -> Made | None:
    """Return how the reader was made, if the session follows from that and the shipped practice alone."""
    origin = begin.cold.origin
    if begin.first or begin.restored or control.kept is not None or control.practice != demo_practice():
        return None
    if origin.seed is None or not inserted <= {card.name for card in control.tray if not card.uploaded}:
        return None
    return Made(origin.seed, begin.cold.profile, begin.cold.clock_ms)


class _Screens:
    """The screens that a reader showed, by the number of inputs that had been taken."""

    def __init__(self, control: ReaderControl) -> None:
        shown = control.timeline()
        self._screens = [each.lines for each in shown]
        self._steps = [each.step for each in shown]
        self.clocks = {each.step: each.clock_ms for each in shown}

    def first_from(self, step: int) -> Screen:
        """Return the first screen that is known after so many inputs."""
        return self._screens[min(bisect_left(self._steps, step), len(self._steps) - 1)]

    def __call__(self, step: int) -> Screen | None:
        place = bisect_right(self._steps, step)
        return self._screens[place - 1] if place else None
