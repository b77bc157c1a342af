"""What every simulated reader can do for its user and for a host on its cable, wherever it runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from tla_sim.host.transport.base import Transport
from tla_sim.protocol.errors import Category, TlaError
from tla_sim.reader_fw.board.keypad import Key
from tla_sim.reader_fw.board.slots import Slot

if TYPE_CHECKING:
    from tla_sim.tools.simulator.control.condition import Condition
    from tla_sim.tools.simulator.control.rules import Matched, Rule
    from tla_sim.tools.simulator.control.waits import Waited


class UnknownLink(TlaError, ValueError):
    """The reader has no link of this name."""

    category = Category.BAD_INPUT


class ElsewhereOnly(TlaError, RuntimeError):
    """The reader runs in a separate process and cannot be accessed as an object."""

    category = Category.BAD_INPUT


class UnknownKey(TlaError, ValueError):
    """The reader has no such key."""

    category = Category.BAD_INPUT


def keys_of(legends: Iterable[str]) -> Iterator[Key]:
    """Yield the keys with these legends, those of the digits for a string of digits. Raises UnknownKey."""
    for legend in legends:
        for each in legend if legend.isdigit() else (legend,):
            try:
                yield Key(each.upper())
            except ValueError:
                known = ", ".join(key.value for key in Key)
                raise UnknownKey(
                    "The reader has no key {legend!r}", "Press {known}", legend=each, known=known
                ) from None


class Body(Protocol):
    """A reader in memory, in a state directory, or in a process of its own."""

    @property
    def urls(self) -> tuple[str, ...]:
        """The URLs that hosts open, in the order of the links; empty for a reader in this process."""

    @property
    def screen(self) -> tuple[str, ...]:
        """The four lines of the display, without trailing blanks."""

    @property
    def struck(self) -> tuple[str, ...]:
        """The planned faults that have happened so far, in order."""

    def transport(self, link: str, baud: int | None) -> Transport:
        """Return a host's transport on a new cable. Raises UnknownLink, LinkError."""

    def random(self, count: int) -> bytes:
        """Return `count` random bytes for a host of this reader."""

    def insert(self, slot: Slot, card: str | Path) -> None:
        """Put a card in, by its holder's last name or its file. Raises UnknownCard, SlotOccupied."""

    def remove(self, slot: Slot) -> None:
        """Take the card out, if there is one in the slot."""

    def press(self, *legends: str) -> None:
        """Press keys by their legends. Raises UnknownKey."""

    def wait(self, ms: int) -> None:
        """Let `ms` milliseconds pass."""

    def power(self, on: bool) -> None:
        """Switch the reader on or off."""

    def cable(self, plugged: bool) -> None:
        """Unplug every cable, or plug the served ones back in."""

    def wait_for(self, condition: Condition, timeout_ms: int) -> Waited:
        """Let time pass until a condition is met, at most `timeout_ms`. Return how it ended."""

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules, in the order in which they were added."""

    def add_rule(self, rule: Rule) -> tuple[Rule, tuple[Matched, ...]]:
        """Add a rule and carry it out at once if the present screen meets it.

        Return it with its number, and what it matched. Raises TooManyRules.
        """

    def remove_rule(self, number: int) -> None:
        """Remove a rule. Raises UnknownRule."""

    def save(self, name: str) -> None:
        """Keep the present moment under a name."""

    def restore(self, name: str) -> None:
        """Go to the moment that is kept under a name. Raises UnknownSnapshot."""

    @property
    def snapshots(self) -> tuple[str, ...]:
        """The names of the moments that are kept."""

    def forget(self, name: str) -> None:
        """Forget a moment. Raises UnknownSnapshot."""

    def write_snapshot(self, name: str, path: Path) -> None:
        """Write a moment to a file. Raises UnknownSnapshot, SnapshotUnwritable."""

    def read_snapshot(self, path: Path) -> str:
        """Keep the moment in a file and return its name. Raises SnapshotRefused."""

    def close(self) -> None:
        """Switch the reader off and release it. May be called twice."""
