"""What a rule of T=1 is: in which states and on which events, what is done, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

from tla_sim.protocol.t1.states import Event, State
from tla_sim.protocol.t1.station import Station


class Choice(NamedTuple):
    """What follows, when the station has to decide: among which events, and by what."""

    name: str
    decide: Callable[[Station], Event]
    outcomes: tuple[Event, ...]
    text: str


OUR_TURN: Final = Choice(
    "our turn",
    Station.our_turn,
    (
        *(Event.SIZE_DUE, Event.ABORT_DUE, Event.ACKNOWLEDGEMENT_DUE),
        *(Event.MORE_DUE, Event.LAST_DUE, Event.ANSWER_DUE),
    ),
    "The right to send is ours. Our size goes first, if the peer has not been told, then giving up, then the "
    "acknowledgement of a chain, then the next block of our message.",
)
TRY: Final = Choice(
    "another try",
    Station.another_try,
    (Event.TRY_LEFT, Event.TRIES_SPENT),
    "What is wrong is counted until something right comes. Four times `attempts` are too many.",
)
SILENT_TRY: Final = Choice(
    "another try, in silence",
    Station.another_silence,
    (Event.TRY_LEFT, Event.TRIES_SPENT),
    "A silence counts for four bad blocks, which at least say that the peer is there.",
)
REPETITION: Final = Choice(
    "another repetition",
    Station.another_repetition,
    (Event.REPETITION_DUE, Event.TRIES_SPENT),
    "A block of ours was missed: the next ones are made shorter. Only a workstation finds that one block was "
    "missed too often.",
)
REQUEST: Final = Choice(
    "another request",
    Station.another_request,
    (Event.REPLY_DUE, Event.OUT_OF_TIME),
    "Each request of the reader moves the end of the wait. There is a bound to how many are answered.",
)
CHOICES: Final = (OUR_TURN, TRY, SILENT_TRY, REPETITION, REQUEST)


@dataclass(frozen=True)
class Rule:
    """One row: where the workstation or the reader may stand, on which events what is done, and why.

    `to` is the state that it leads to, `None` where it stays. `then` follows at once. `source` is the number
    of a rule in ISO/IEC 7816-3, or "ours" for what is Project-defined.
    """

    workstation: tuple[State, ...]
    reader: tuple[State, ...]
    events: tuple[Event, ...]
    does: Callable[[Station], None] | None
    to: State | None
    then: Choice | Event | None
    source: str
    text: str
