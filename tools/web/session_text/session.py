"""A session with a reader as text writers take it: what was done, and what the reader showed then.

Codes porteur are no part of it: `CodeTyped` and `CodeVerified` say that one was used, and whether it was the
right one. Project-defined.
"""

from __future__ import annotations

from dataclasses import dataclass

from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.board.display import Screen
from tla_sim.reader_fw.board.slots import Slot


def start_file(reader: str) -> str:
    """Return the name of the file with the start of a session with a reader."""
    return f"{reader}-start.snapshot"


@dataclass(frozen=True, slots=True)
class Inserted:
    """A card was put in, by its name in the tray, or in that of a reader restored from the start."""

    slot: Slot
    card: str


@dataclass(frozen=True, slots=True)
class Removed:
    """The card was taken out."""

    slot: Slot


@dataclass(frozen=True, slots=True)
class Pressed:
    """Keys were pressed, by their legends."""

    legends: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CodeTyped:
    """A code porteur and VAL were typed."""

    right: bool = True


@dataclass(frozen=True, slots=True)
class CodeVerified:
    """A host had a code porteur verified."""

    right: bool = True


@dataclass(frozen=True, slots=True)
class Waited:
    """Time passed, in ms."""

    ms: int


@dataclass(frozen=True, slots=True)
class Switched:
    """The reader was switched on or off."""

    on: bool


@dataclass(frozen=True, slots=True)
class Cabled:
    """The cable was plugged in, or pulled out."""

    plugged: bool


@dataclass(frozen=True, slots=True)
class Sent:
    """A host sent a command. `at_keypad` is whether it waits for a code typed at the reader."""

    lad: Lad
    apdu: bytes
    at_keypad: bool = False


@dataclass(frozen=True, slots=True)
class Injected:
    """Faults were planned, written as their plan."""

    plan: str


@dataclass(frozen=True, slots=True)
class Charged:
    """The battery was set to a charge in per cent."""

    percent: int


@dataclass(frozen=True, slots=True)
class CaseOpened:
    """The case was opened."""


@dataclass(frozen=True, slots=True)
class Left:
    """Something was done that a text cannot say; `what` names it in English."""

    what: str


@dataclass(frozen=True, slots=True)
class Shown:
    """The reader shows this screen now."""

    screen: Screen


SessionStep = (
    Inserted
    | Removed
    | Pressed
    | CodeTyped
    | CodeVerified
    | Waited
    | Switched
    | Cabled
    | Sent
    | Injected
    | Charged
    | CaseOpened
    | Left
    | Shown
)


@dataclass(frozen=True, slots=True)
class Made:
    """How a reader was made: the seed, the profile, and the clock in ms that it began with."""

    seed: int
    profile: str
    moment: int


@dataclass(frozen=True, slots=True)
class Session:
    """A recorded session of the reader called `reader`.

    With `made` it begins when the reader was made, and can be done again from that alone. Any session can be
    done again from its start, the snapshot in the file called `start_file`. `shown` is what the reader showed
    at the beginning, `plugged` whether a cable was in.
    """

    steps: tuple[SessionStep, ...]
    reader: str
    made: Made | None
    shown: Screen
    plugged: bool

    @property
    def start_file(self) -> str:
        """The name of the file with the start of the session."""
        return start_file(self.reader)

    @property
    def since_made(self) -> tuple[SessionStep, ...]:
        """The steps on a reader that was just made, and is switched on."""
        return self.steps[1:] if self.steps[:1] == (Switched(True),) else self.steps

    @property
    def since_start(self) -> tuple[SessionStep, ...]:
        """The steps on a reader that was restored from the start."""
        return (Shown(self.shown), *self.steps)
