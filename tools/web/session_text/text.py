"""The session with a reader so far, as text that does it again."""

from __future__ import annotations

from bisect import bisect_right
from enum import StrEnum
from itertools import chain
from typing import Final

from tla_sim.protocol.errors import Category, TlaError
from tla_sim.reader_fw.board.display import Screen
from tla_sim.tools.simulator.control.reader_control import ReaderControl
from tla_sim.tools.web.session_text.http_calls import http_calls
from tla_sim.tools.web.session_text.passing import time_passed
from tla_sim.tools.web.session_text.pytest_test import pytest_test
from tla_sim.tools.web.session_text.reading import read_steps
from tla_sim.tools.web.session_text.session import Session, Switched
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
    tray = {card.name for card in control.tray if not card.uploaded}
    screens = _Screens(control)
    inputs = chain.from_iterable(chapter.log for chapter in chapters)
    steps = read_steps(
        time_passed(inputs, begin.first, screens.clocks),
        begin.first,
        {slot: state.chip >= 0 for slot, state in begin.cold.slots.items()},
        screens,
        tray.__contains__,
    )
    from_new = begin.first == 0 and not begin.restored
    if from_new and steps[:1] == (Switched(True),):
        # A reader is made switched on.
        steps = steps[1:]
    return Session(
        steps, control.origin.seed, begin.cold.profile, begin.cold.clock_ms, from_new, control.kept
    )


class _Screens:
    """The screens that a reader showed, by the number of inputs that had been taken."""

    def __init__(self, control: ReaderControl) -> None:
        shown = control.timeline()
        self._screens = [each.lines for each in shown]
        self._steps = [each.step for each in shown]
        self.clocks = {each.step: each.clock_ms for each in shown}

    def __call__(self, step: int) -> Screen | None:
        place = bisect_right(self._steps, step)
        return self._screens[place - 1] if place else None
