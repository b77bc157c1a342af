"""The form of a T=1 rule: in which states, on which events, what is done and what follows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

from tla_sim.protocol.t1.states import Event, State
from tla_sim.protocol.t1.station import Station


class Choice(NamedTuple):
    """A decision of the station: the method that decides, and the events that it chooses from."""

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
    "It is our turn to send. The first of these that is due is sent: our block size, unless the peer knows "
    "it; an abort; the acknowledgement of a chain; the next block of our message.",
)
TRY: Final = Choice(
    "another try",
    Station.another_try,
    (Event.TRY_LEFT, Event.TRIES_SPENT),
    "Bad blocks are counted until a good one comes. Four times `attempts` are too many.",
)
SILENT_TRY: Final = Choice(
    "another try, in silence",
    Station.another_silence,
    (Event.TRY_LEFT, Event.TRIES_SPENT),
    "A silence counts as four bad blocks, which at least show that the peer is there.",
)
REPETITION: Final = Choice(
    "another repetition",
    Station.another_repetition,
    (Event.REPETITION_DUE, Event.TRIES_SPENT),
    "A block of ours was lost: the next ones are made shorter. Only a workstation decides that one block was "
    "lost too often.",
)
REQUEST: Final = Choice(
    "another request",
    Station.another_request,
    (Event.REPLY_DUE, Event.OUT_OF_TIME),
    "Each request of the reader extends the wait. Only so many are answered.",
)
CHOICES: Final = (OUR_TURN, TRY, SILENT_TRY, REPETITION, REQUEST)


@dataclass(frozen=True)
class Rule:
    """One row of the table: in which states of either end, on which events, what is done, and why.

    `to` is the state that it leads to, `None` where the end stays. `then` follows at once. `source` is the
    number of a rule in ISO/IEC 7816-3, or "ours" where the rule is Project-defined.
    """

    workstation: tuple[State, ...]
    reader: tuple[State, ...]
    events: tuple[Event, ...]
    does: Callable[[Station], None] | None
    to: State | None
    then: Choice | Event | None
    source: str
    text: str
