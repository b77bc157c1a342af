"""A reader with cards for the targets of links, reused by the next case unless its flash changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.board.flash import FlashOperation, NorFlash
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.links.port import Link
from tla_sim.tools.fuzz.case import Case
from tla_sim.tools.fuzz.players import cards
from tla_sim.tools.fuzz.targets.log_sv_world import live_size
from tla_sim.tools.fuzz.targets.started import started_reader
from tla_sim.tools.judge.violation import Violation

LONGEST_MS: Final = 400_000
"""A link that hears nothing comes to rest within this virtual time."""

LARGEST_LINK: Final = 400_000
"""The most bytes of live objects of a link: a message of 65,544 bytes each way, and its blocks."""

_MOST_TICKS: Final = 5_000


class LinkReader:
    """A running reader with a PS card and a Vitale in its slots."""

    def __init__(self) -> None:
        self.reader = started_reader()
        self.reader.board.flash.hooks.append(self)
        self.clock = self.reader.board.clock
        self.reader.power_on()
        self.change_cards()
        self.touched = False

    def change_cards(self) -> None:
        """Insert freshly issued cards: nothing is selected, verified or waiting to be fetched."""
        for slot, name in ((Slot.PS, "maya"), (Slot.VITALE, "martin")):
            self.reader.remove(slot)
            self.reader.insert(slot, Card(cards()[name][0], SeededEntropy(7)))

    def before(self, flash: NorFlash, operation: FlashOperation) -> None:  # noqa: ARG002 - the protocol's
        """Note that the flash is written: no other case may get this reader."""
        self.touched = True


_kept: list[LinkReader] = []


@contextmanager
def borrow_reader() -> Iterator[LinkReader]:
    """Lend a freshly started reader, or the one of the case before if that neither failed nor wrote."""
    if _kept:
        used = _kept.pop()
        used.change_cards()
    else:
        used = LinkReader()
    sound = False
    try:
        yield used
        sound = True
    finally:
        used.reader.unplug()
        if sound and not used.touched:
            _kept.append(used)


def feed_link(used: LinkReader, link: Link, case: Case) -> None:
    """Carry out the steps `bytes` and `tick` of a case, and hang up, without judging."""
    for step in case:
        if step.act == "bytes":
            link.receive(step.data)
        elif step.act == "tick":
            used.reader.tick(int(step.arg))
            link.tick()
    link.hang_up()


def settle(used: LinkReader, link: Link, take: Callable[[bytes], object]) -> None:
    """Let time pass in silence until the link comes to rest. Raises Violation if it never does."""
    started, ticks = used.clock.now_ms, 0
    while (at := link.wake_at) is not None:
        ticks += 1
        if used.clock.now_ms - started > LONGEST_MS or ticks > _MOST_TICKS:
            raise Violation("time", "the link never comes to rest")
        used.reader.tick(max(at - used.clock.now_ms, 0))
        take(link.tick())


def judge_size(used: LinkReader, link: Link) -> None:
    """Raise Violation for a link that holds more than the longest messages need."""
    size = live_size(link, LARGEST_LINK, beside=(*used.reader.ports, used.clock))
    if size > LARGEST_LINK:
        raise Violation("memory", "the link grows without bound")
