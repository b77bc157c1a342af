"""The start of a session: the moment it began at, as a snapshot with every card that is put in later."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, count
from typing import Final

from tla_sim.tools.cards.file import SUFFIX
from tla_sim.tools.simulator.control.reader_control import ReaderControl
from tla_sim.tools.simulator.history.chapters import Chapter
from tla_sim.tools.simulator.history.cold_image import ChipState
from tla_sim.tools.simulator.history.inputs import Input, Op, chip_of
from tla_sim.tools.simulator.history.snapshot import Snapshot
from tla_sim.tools.simulator.history.snapshot_file import build_snapshot
from tla_sim.tools.web.session_text.session import Session

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_-]+")
_LONGEST_NAME: Final = 60


def session_start(control: ReaderControl) -> bytes:
    """Return the file of the snapshot that the texts of a session may begin with.

    The cards in it have the names that the texts call them by. Raises HistoryFull.
    """
    chapters = control.reader.chapters.unbroken
    begin = chapters[0]
    names = card_names(chapters)
    snapshot = begin.snapshot or Snapshot.begin("", begin.cold)
    there = {chip.number for chip in begin.cold.chips}
    there |= {each.subject for each in begin.log.first(begin.arrived) if each.op is Op.CHIP}
    later = {
        number: ChipState(number, name, image)
        for number, name, image in _put_in(_since_start(chapters))
        if number not in there
    }
    return build_snapshot(snapshot.with_cards(lambda number, _: names[number], later.values()))


def card_names(chapters: Iterable[Chapter]) -> Mapping[int, str]:
    """Return the names of all cards of a session in its texts, by their numbers in the history.

    A card is called as in the tray, or as its file without the ending, and with a number behind where two
    would have one name.
    """
    chapters = tuple(chapters)
    known = {chip.number: chip.name for chip in chapters[0].cold.chips}
    for number, name, _ in _put_in(chain.from_iterable(chapter.log for chapter in chapters)):
        known.setdefault(number, name)
    names: dict[int, str] = {}
    for number, name in known.items():
        stem = _UNSAFE.sub("-", name.removesuffix(SUFFIX))[:_LONGEST_NAME].lstrip("-_") or "card"
        tries = (stem if place == 1 else f"{stem}-{place}" for place in count(1))
        names[number] = next(free for free in tries if free not in names.values())
    return names


def where_to_get_it(session: Session, folder: str, or_else: str = "") -> tuple[str, ...]:
    """Return what a text says that begins with the start of its session, as lines of a comment."""
    return (
        f"# It begins with {session.start_file}: the reader as it was then, with the cards put in later.",
        '# Download that file from the bench, with "Download its start" on its page, or with',
        f"# GET /v1/readers/{session.reader}/session/start, and put it into {folder}{or_else}.",
    )


def _since_start(chapters: tuple[Chapter, ...]) -> Iterator[Input]:
    begin, *others = chapters
    yield from begin.log.after(begin.arrived)
    for chapter in others:
        yield from chapter.log


def _put_in(inputs: Iterable[Input]) -> Iterator[tuple[int, str, bytes]]:
    """Yield number, name and image of each card that was put in for the first time."""
    for each in inputs:
        if each.op is Op.CHIP:
            yield each.subject, *chip_of(each.data)
