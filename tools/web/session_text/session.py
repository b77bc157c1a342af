"""A session with a reader as text writers take it: what was done, and what the reader showed then.

Codes porteur are no part of it: `CodeTyped` and `CodeVerified` say that one was used, and whether it was the
right one. Project-defined.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.board.display import Screen
from tla_sim.reader_fw.board.slots import Slot

OTHER_CLOCK: Final = "It was made with its clock at another time: screens that show a time will differ."
"""What a text says that cannot set the clock of the reader it makes."""


@dataclass(frozen=True, slots=True)
class Inserted:
    """A card was put in, by its name in the tray. `known` is whether the shipped practice has it."""

    slot: Slot
    card: str
    known: bool = True


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
class Session:
    """A recorded session.

    `from_new` is whether it begins when the reader was made, which `seed`, `profile` and `moment` (its clock
    then, in ms) say how to do again. `kept` is the state directory of a reader that has one.
    """

    steps: tuple[SessionStep, ...]
    seed: int | None
    profile: str
    moment: int
    from_new: bool
    kept: Path | None = None
