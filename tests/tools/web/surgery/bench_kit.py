"""A reader in its own loop, and a person at it, for tests of the practice's side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final, TypeVar

from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.cast import demo_practice
from tla_sim.tools.cast.people import CODE
from tla_sim.tools.simulator.control.event_ring import EventRing
from tla_sim.tools.simulator.control.events import EventKind
from tla_sim.tools.simulator.control.reader_control import ReaderControl
from tla_sim.tools.simulator.control.running_reader import RunningReader
from tla_sim.tools.web.surgery.surgery import Surgery

T = TypeVar("T")
PRACTICE: Final = demo_practice()
NURSE: Final = "75629690"
PATIENCE: Final = 60.0
"""Seconds after which another thread is taken to hang."""


@contextmanager
def running(profile: str = "1.40") -> Iterator[RunningReader]:
    """A reader on a visit."""
    found = RunningReader(ReaderControl.in_memory(PRACTICE, seed=1, profile=profile))
    try:
        yield found
    finally:
        found.close()


def do(reader: RunningReader, act: Callable[[ReaderControl], T]) -> T:
    """Do something at the reader."""
    return reader.call(act).result(PATIENCE)


def plug(reader: RunningReader, plugged: bool = True) -> None:
    """Plug the cable in, or pull it out."""
    do(reader, lambda control: control.cable(plugged))


def insert_ps(reader: RunningReader, name: str) -> None:
    """Put somebody's card into the PS slot."""
    do(reader, lambda control: control.insert(Slot.PS, name))


def press(reader: RunningReader, *keys: str) -> None:
    """Press keys."""
    do(reader, lambda control: control.press(*keys))


def certify(reader: RunningReader, *patients: str) -> None:
    """Have the nurse visit these patients, and plug the cable in again."""
    plug(reader, False)
    insert_ps(reader, "PIQURE2969")
    for name in patients:
        _insert_vitale(reader, name)
        press(reader, "VAL", CODE, "VAL", "VAL")
        do(reader, lambda control: control.remove(Slot.VITALE))
    plug(reader)


def _insert_vitale(reader: RunningReader, name: str) -> None:
    do(reader, lambda control: control.insert(Slot.VITALE, name))


def wait_for_code(events: EventRing, seq: int) -> str:
    """Wait until the practice says that somebody has to type a code, and return whose it is."""
    while True:
        for number, event in events.wait_after(seq, PATIENCE).events:
            seq = number
            if event.kind is EventKind.PROGRESS and isinstance(event.payload, dict):
                assert event.payload["stage"] != "failed"
                if event.payload["stage"] == "code":
                    return str(event.payload["holder"])


def at_once(act: Callable[[], T]) -> Future[T]:
    """Begin something that waits for a person."""
    thread = ThreadPoolExecutor(1)
    done = thread.submit(act)
    thread.shutdown(wait=False)
    return done


def states(surgery: Surgery) -> dict[str, int]:
    """How many documents are in which state."""
    found = [each.state.name for each in surgery.standing()]
    return {name: found.count(name) for name in sorted(dict.fromkeys(found))}
