"""What a simulated reader is to the hands of a person and the cable of a host, wherever it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from tla_sim.host.transport.base import Transport
from tla_sim.protocol.errors import Category, TlaError
from tla_sim.reader_fw.board.display import Screen
from tla_sim.reader_fw.board.keypad import Key
from tla_sim.reader_fw.board.slots import Slot


class UnknownLink(TlaError, ValueError):
    """The reader has no link of this name."""

    category = Category.BAD_INPUT


class Body(Protocol):
    """A reader in memory, in a state directory, or in a process of its own."""

    @property
    def urls(self) -> tuple[str, ...]:
        """Where hosts open it by URL, in the order of its links; none for a reader in this process."""

    @property
    def screen(self) -> Screen:
        """The four lines of the display, each 20 characters."""

    @property
    def struck(self) -> tuple[str, ...]:
        """The planned faults that happened so far, in their order."""

    def transport(self, link: str, baud: int | None) -> Transport:
        """A transport of the host, on a new cable. Raises UnknownLink, LinkError."""

    def random(self, count: int) -> bytes:
        """`count` random bytes for a host of this reader."""

    def insert(self, slot: Slot, card: str | Path) -> None:
        """Put a card in, by its holder's last name or its file. Raises UnknownCard, SlotOccupied."""

    def remove(self, slot: Slot) -> None:
        """Take the card out, if there is one."""

    def press(self, key: Key) -> None:
        """Press a key."""

    def wait(self, ms: int) -> None:
        """Let time pass."""

    def power(self, on: bool) -> None:
        """Use the switch."""

    def cable(self, plugged: bool) -> None:
        """Pull every cable out, or put those back that are served."""

    def close(self) -> None:
        """Switch it off and let go of it. May be called twice."""
