"""A reader in this process as a `Body`: everything that its control can do, in virtual time."""

from __future__ import annotations

from pathlib import Path

from tla_sim.host.transport.base import Transport
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.simulator.control.condition import Condition
from tla_sim.tools.simulator.control.reader_control import ReaderControl
from tla_sim.tools.simulator.control.rules import Matched, Rule
from tla_sim.tools.simulator.control.waits import Waited


class ControlledBody:
    """A reader in memory or on a state directory, in this process."""

    def __init__(self, control: ReaderControl) -> None:
        self.control = control

    @property
    def urls(self) -> tuple[str, ...]:
        """Empty: this reader is reached by `transport`."""
        return ()

    @property
    def screen(self) -> tuple[str, ...]:
        """The four lines of the display, without trailing blanks."""
        return tuple(line.rstrip() for line in self.control.screen.lines)

    @property
    def struck(self) -> tuple[str, ...]:
        """The planned faults that have happened so far, in order."""
        return tuple(str(fault) for fault in self.control.strikes.struck)

    def transport(self, link: str, baud: int | None) -> Transport:
        """Return a host's transport on a new cable. Raises UnknownLink."""
        return self.control.transport(link, baud)

    def random(self, count: int) -> bytes:
        """Return `count` random bytes for a host, reproducible when the reader's own are."""
        return self.control.reader.board.entropy.take(count)

    def insert(self, slot: Slot, card: str | Path) -> None:
        """Put a card in, by its name in the tray, its holder's last name or its file.

        Raises UnknownCard, SlotOccupied, CardFileUnreadable.
        """
        self.control.insert(slot, card)

    def remove(self, slot: Slot) -> None:
        """Take the card out, if there is one in the slot."""
        self.control.remove(slot)

    def press(self, *legends: str) -> None:
        """Press keys by their legends. Raises UnknownKey."""
        self.control.press(*legends)

    def wait(self, ms: int) -> None:
        """Let `ms` milliseconds of virtual time pass."""
        self.control.advance(ms)

    def power(self, on: bool) -> None:
        """Switch the reader on or off."""
        self.control.power(on)

    def cable(self, plugged: bool) -> None:
        """Unplug every cable, or plug one in."""
        self.control.cable(plugged)

    def wait_for(self, condition: Condition, timeout_ms: int) -> Waited:
        """Let time pass until a condition is met, at most `timeout_ms`."""
        return self.control.wait_for(condition, timeout_ms)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules, in the order in which they were added."""
        return self.control.rules

    def add_rule(self, rule: Rule) -> tuple[Rule, tuple[Matched, ...]]:
        """Add a rule and carry it out at once if the present screen meets it."""
        return self.control.add_rule(rule)

    def remove_rule(self, number: int) -> None:
        """Remove a rule. Raises UnknownRule."""
        self.control.remove_rule(number)

    def save(self, name: str) -> None:
        """Keep the present moment under a name."""
        self.control.save(name)

    def restore(self, name: str) -> None:
        """Go to the moment that is kept under a name. Raises UnknownSnapshot."""
        self.control.restore(name)

    @property
    def snapshots(self) -> tuple[str, ...]:
        """The names of the moments that are kept."""
        return tuple(info.name for info in self.control.snapshots)

    def forget(self, name: str) -> None:
        """Forget a moment. Raises UnknownSnapshot."""
        self.control.forget(name)

    def write_snapshot(self, name: str, path: Path) -> None:
        """Write a moment to a file. Raises UnknownSnapshot, SnapshotUnwritable."""
        self.control.write_snapshot(name, path)

    def read_snapshot(self, path: Path) -> str:
        """Keep the moment in a file and return its name. Raises SnapshotRefused."""
        return self.control.read_snapshot(path).name

    def close(self) -> None:
        """Switch the reader off and release it. May be called twice."""
        self.control.close()
