"""What is heard on a line: its blocks and messages, and the exchanges and answers to reset inside them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from tla_sim.protocol.lad import Lad


@dataclass(frozen=True, slots=True)
class Piece:
    """One block or message, or bytes that are not one, with codes blanked.

    `note` says in English what is wrong with it or special about it, empty for an ordinary one. `ns` is when
    its last byte was heard, in nanoseconds since 1970-01-01 00:00 UTC.
    """

    from_reader: bool
    data: bytes = field(repr=False)
    note: str
    ns: int
    wrong: bool = False


@dataclass(frozen=True, slots=True)
class ResetHeard:
    """An answer to reset of the card at `lad`."""

    lad: Lad
    atr: bytes
    ns: int


@dataclass(frozen=True, slots=True)
class CommandHeard:
    """A whole command, with codes blanked."""

    lad: Lad
    apdu: bytes = field(repr=False)
    ns: int


@dataclass(frozen=True, slots=True)
class AnswerHeard:
    """The answer to the command before it, `None` when none came."""

    lad: Lad
    response: bytes | None = field(repr=False)
    ns: int


REPEATED: Final = "repeated"
GIVEN_BACK: Final = "given back by the line"
MORE_TIME: Final = "more time asked for"
BLANKED: Final = "shown as FF, for there may be a code in it"
ORDINARY_NOTES: Final = frozenset(("", REPEATED, GIVEN_BACK, MORE_TIME))
"""What may be noted on a block or message that is nothing to worry about."""

Event = Piece | ResetHeard | CommandHeard | AnswerHeard
