"""The rules of T=1 in one table. The machine runs from it, and `docs/reference/t1.md` is drawn from it.

A rule is looked up by the request that an end is in, and where there is none by the stage that the request
interrupted. A case without a rule cannot happen.

Source: ISO/IEC 7816-3:2006 §11.6.2 (rules 1 to 5) and §11.6.3 (rules 6 to 9); "ours" is Project-defined.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from tla_sim.protocol.t1.actions import Role
from tla_sim.protocol.t1.rules import OUR_TURN, REPETITION, REQUEST, SILENT_TRY, TRY, Choice, Rule
from tla_sim.protocol.t1.states import REQUESTS
from tla_sim.protocol.t1.states import Event as E
from tla_sim.protocol.t1.states import State as S
from tla_sim.protocol.t1.station import Station

Do = Station
_MID: Final = (S.SENDING, S.WAITING, S.RECEIVING)
_BUSY: Final = (S.SENDING, S.RECEIVING, S.WORKING)
_IN: Final = (S.IDLE, S.RECEIVING)
_W_ASKS: Final = (S.RESYNCHRONISING, S.SIZING, S.ABORTING)
_R_ASKS: Final = (S.SIZING, S.ABORTING, S.ASKING_TIME)
_W_ALL: Final = (S.IDLE, S.STARTING, *_MID)
_R_ALL: Final = (S.IDLE, *_BUSY)
_INF: Final = (E.MORE, E.LAST, E.MORE_TOO_LONG, E.LAST_TOO_LONG, E.MISPLACED)
_R_BLOCKS: Final = (E.ONWARD, E.REPEAT)
_TIME: Final = (E.TIME_ASKED, E.TIME_ASKED_IN_VAIN)
_NO_USE: Final = (E.BAD, E.MISASKED)
_ASKED: Final = (E.SIZE_ASKED, E.ABORT_ASKED, *_TIME, E.MISASKED)
_UNKNOWN: Final = (*_INF, E.OLD, E.ONWARD, E.SIZE_ASKED, E.ABORT_ASKED, E.MISASKED, E.STRAY, E.BAD, E.ABORT)

# fmt: off
TABLE: Final[dict[str, tuple[Rule, ...]]] = {
    "Starting afresh": (
        Rule((S.APART, S.IDLE), (), (E.CONNECT,), Do.ask_to_resynchronise, S.RESYNCHRONISING, None, "6.1",
             "Only the workstation resynchronises. It may do so to see who is there."),
        Rule((S.APART,), (), (E.SEND,), None, S.STARTING, E.RESYNCH_DUE, "6.1",
             "A command to a reader that is not known yet, or no longer, waits for a resynchronisation."),
        Rule((S.STARTING,), (), (E.RESYNCH_DUE,), Do.ask_to_resynchronise, S.RESYNCHRONISING, None, "6.1",
             "The request is sent with the command at hand."),
        Rule((S.IDLE,), (), (E.SEND,), None, S.STARTING, OUR_TURN, "1",
             "The workstation sends the first block of an exchange."),
        Rule((S.APART, S.IDLE), (), (E.RESYNCHRONISED,), Do.end_resynchronised, S.IDLE, None, "6.3",
             "Both ends start afresh: with number 0, and blocks of 32 bytes."),
        Rule((S.STARTING,), (), (E.RESYNCHRONISED,), Do.end_resynchronised_with_command, S.STARTING, OUR_TURN,
             "6.3", "Both ends start afresh, and the command at hand goes out."),
        Rule(_MID, (), (E.RESYNCHRONISED,), Do.end_resynchronised_in_exchange, S.IDLE, None, "6.3",
             "Both ends start afresh. The exchange has failed, and it is not known whether the reader has "
             "carried out the command."),
        Rule((), (S.APART, *_R_ALL), (E.RESYNCH_ASKED,), Do.start_afresh, S.IDLE, None, "6.2",
             "The reader obeys, whatever it is doing. A command it was working on is dropped."),
        Rule((S.RESYNCHRONISING,), (), _R_BLOCKS, Do.ask_once_more, None, None, "6.4",
             "An R-block in place of the response may be an old one that was on the line when we asked. The "
             "first is taken as a sign that the request was lost. A second in a row says no more than the "
             "first, so from then on the clock decides."),
        Rule((S.RESYNCHRONISING,), (), (E.TRIES_SPENT,), Do.fail_for_silence, S.APART, None, "6.4",
             "Asking again did not help either: the exchange fails."),
        Rule((S.RESYNCHRONISING,), (), _ASKED, None, None, None, "6",
             "What the reader asks before its response belongs to the session before."),
        Rule((S.APART,), (), (*_UNKNOWN, E.TIME_ASKED), None, None, None, "ours",
             "What comes before any resynchronisation is noise."),
        Rule((), (S.APART,), _UNKNOWN, None, None, None, "ours",
             "A reader whose cable was just plugged in would take the rest of a message for a whole one. It "
             "obeys nothing but a resynchronisation."),
    ),
    "How long a block may be": (
        Rule((S.STARTING,), (S.RECEIVING, S.WORKING), (E.SIZE_DUE,), Do.ask_size, S.SIZING, None, "4",
             "Each end says how long a block it takes, as soon as it first has the right to send."),
        Rule((S.SIZING,), (S.SIZING,), (E.AGREED,), Do.end_request, S.STAGE, OUR_TURN, "4",
             "The peer has agreed, and the exchange goes on."),
        Rule((S.SIZING,), (S.SIZING,), (E.TRIES_SPENT,), Do.do_without, S.STAGE, OUR_TURN, "ours",
             "Some readers do not know this exchange: we do without it, and blocks stay at 32 bytes."),
        Rule(_W_ALL, _R_ALL, (E.SIZE_ASKED,), Do.note_size, None, REQUEST, "4",
             "Our blocks are no longer than the peer takes. It may change that at any time."),
        Rule(_W_ALL, _R_ALL, (E.REPLY_DUE,), Do.reply, None, None, "3, 4",
             "A response carries the INF of its request."),
    ),
    "Sending": (
        Rule((S.STARTING, S.SENDING), (S.SENDING, S.WORKING), (E.MORE_DUE,), Do.send_block, S.SENDING, None,
             "5", "A message longer than a block is chained."),
        Rule((S.STARTING, S.SENDING), (), (E.LAST_DUE,), Do.send_last_block, S.WAITING, None, "2.1",
             "The whole command is out. The first block of the answer will acknowledge it."),
        Rule((), (S.SENDING, S.WORKING), (E.LAST_DUE,), Do.send_last_block, S.IDLE, None, "2.1",
             "The whole answer is out. The first block of the next command will acknowledge it."),
        Rule((S.SENDING,), (S.SENDING,), (E.ONWARD,), Do.forget_tries, None, OUR_TURN, "2.2",
             "The R-block expects the block after our last one, so ours has arrived and the chain goes on."),
        Rule((S.SENDING, S.WAITING), (S.SENDING, S.IDLE), (E.REPEAT,), None, None, REPETITION, "7.1",
             "The R-block expects the block that we sent last, so it has not arrived. Only the number says "
             "so, not the fault that the R-block names. A reader keeps the end of its answer for this."),
        Rule((S.SENDING, S.WAITING), (S.SENDING, S.IDLE), (E.REPETITION_DUE,), Do.send_block_again, None,
             None, "7.1", "The block keeps its number, by which a peer that has it recognises it."),
        Rule((S.WAITING,), (), (E.ONWARD,), None, None, None, "ours",
             "The command has arrived and its answer is still due: the wait goes on."),
        Rule((), (S.IDLE,), (E.ONWARD,), Do.acknowledge, None, None, "7.1",
             "The workstation has all that we sent, and asks for something that we do not have: what it sent "
             "was lost. The R-block in return says which block we expect."),
        Rule((S.IDLE,), (), _R_BLOCKS, None, None, None, "ours",
             "The workstation has nothing under way that this could be about."),
    ),
    "Receiving": (
        Rule(_MID, _IN, (E.MORE,), Do.take, S.RECEIVING, OUR_TURN, "5",
             "A message begins or goes on. The first block of an answer acknowledges the command as well."),
        Rule((S.RECEIVING,), (S.RECEIVING,), (E.ACKNOWLEDGEMENT_DUE,), Do.acknowledge, None, None, "2.2",
             "The R-block expects the block after the one that came."),
        Rule(_MID, (), (E.LAST,), Do.hand_over_answer, S.IDLE, None, "2.1",
             "The answer is whole, and the exchange has ended."),
        Rule((), _IN, (E.LAST,), Do.hand_over_command, S.WORKING, OUR_TURN, "2.1",
             "The command is whole. It is handed over, unless it was given up meanwhile."),
        Rule((S.RECEIVING,), (S.RECEIVING,), _R_BLOCKS, None, None, TRY, "7.2",
             "The peer did not understand our R-block, which is sent again. This counts as a bad block, or "
             "two ends that each take the other's R-block for noise would exchange them for ever."),
        Rule((S.IDLE, *_W_ASKS), (S.WORKING, S.SENDING), _INF, None, None, None, "ours",
             "The peer has no right to send a message now: the block is an old one."),
        Rule(_W_ALL, _R_ALL, (E.OLD,), None, None, None, "ours",
             "The block has already been taken. It needs no answer: a workstation that misses one "
             "asks again."),
        Rule(_MID, _IN, (E.MISPLACED,), None, None, TRY, "7.1",
             "The right block is asked for again."),
        Rule(_MID, (), (E.LAST_TOO_LONG,), Do.fail_for_length, S.APART, None, "ours",
             "The answer has ended, and there is no room for it: the exchange fails."),
        Rule(_MID, (), (E.MORE_TOO_LONG,), Do.refuse_chain, S.RECEIVING, E.ABORT_DUE, "9",
             "The reader is asked to give up the answer."),
        Rule((), _IN, (E.MORE_TOO_LONG, E.LAST_TOO_LONG), Do.refuse_chain, S.RECEIVING, E.ABORT_DUE, "9",
             "The workstation is asked to give up the command."),
    ),
    "Time": (
        Rule((), (S.WORKING,), (E.ANSWER_DUE,), Do.start_clock, None, None, "3",
             "The reader has half of the block waiting time before it must say something."),
        Rule((), (S.WORKING,), (E.TIME_SHORT,), Do.ask_time, S.ASKING_TIME, None, "3",
             "It asks for more, early enough for the request to be repeated once."),
        Rule((), (S.WORKING,), _R_BLOCKS, Do.ask_time, S.ASKING_TIME, None, "3",
             "The workstation asks for an answer that is not there yet, and is asked for time in return."),
        Rule((), (S.ASKING_TIME,), (E.AGREED,), Do.end_request, S.STAGE, OUR_TURN, "3",
             "The time is granted. An answer that came meanwhile goes out; otherwise the clock starts "
             "again."),
        Rule((), (S.WORKING,), (E.SEND,), None, None, OUR_TURN, "2.1", "The owner has the answer."),
        Rule((), (S.SIZING, S.ASKING_TIME), (E.SEND,), None, None, None, "3, 4",
             "While it owes a response the workstation has the right to send, so the answer waits."),
        Rule(_MID, (), (E.TIME_ASKED,), Do.forget_tries, None, REQUEST, "3",
             "The reader gets the time that it asks for."),
        Rule(_MID, (), (E.TIME_ASKED_IN_VAIN,), None, None, OUR_TURN, "9",
             "An exchange that the owner has given up gets no more time."),
        Rule((S.IDLE,), (), (E.TIME_ASKED,), None, None, None, "ours",
             "The reader owes no answer for which it could need time."),
        Rule((S.SIZING, S.ABORTING), (), _TIME, None, None, None, "4, 9",
             "The reader owes nothing but its response."),
    ),
    "Giving up": (
        Rule((S.STARTING, *_MID, S.ABORTING), (S.SENDING, S.RECEIVING, *_R_ASKS), (E.ABORT,), Do.note_abort,
             None, None, "9", "The exchange is given up at our next turn."),
        Rule((), (S.WORKING,), (E.ABORT,), Do.note_abort, None, OUR_TURN, "9",
             "The reader owes the answer, so it is its turn."),
        Rule((S.IDLE,), (S.IDLE,), (E.ABORT,), None, None, None, "ours",
             "Nothing is under way that could be given up."),
        Rule((S.STARTING,), (), (E.ABORT_DUE,), Do.end_aborted, S.IDLE, None, "ours",
             "The reader has heard nothing of the command, and need not agree."),
        Rule(_MID, _BUSY, (E.ABORT_DUE,), Do.ask_to_abort, S.ABORTING, None, "9",
             "The peer is asked to agree."),
        Rule((S.ABORTING,), (S.ABORTING,), (E.AGREED,), Do.end_aborted, S.IDLE, None, "9",
             "The exchange is over. A reader hands the right to send back with an R-block."),
        Rule((S.STARTING, *_MID), _BUSY, (E.ABORT_ASKED,), Do.give_up, S.IDLE, None, "9",
             "The peer gave up the exchange. A command that was not handed over yet is not begun."),
        Rule((S.IDLE,), (S.IDLE,), (E.ABORT_ASKED,), Do.agree_to_idle_abort, S.IDLE, None, "9",
             "There is nothing to give up, but the peer gets its response."),
    ),
    "What goes wrong": (
        Rule((*_MID, S.SIZING, S.ABORTING), (*_IN, S.SENDING, *_R_ASKS), _NO_USE, None, None, TRY,
             "7.1, 7.2, 7.3", "What came is of no use: the right block is asked for again."),
        Rule((S.RESYNCHRONISING,), (), (E.BAD,), None, None, TRY, "6.4",
             "The request is sent again."),
        Rule((S.IDLE,), (S.WORKING,), _NO_USE, None, None, None, "ours",
             "The peer has no right to send now: this is noise."),
        Rule(_W_ALL, _R_ALL, (E.STRAY,), None, None, None, "ours",
             "A response to nothing, or to a request that has ended, is an old one."),
        Rule((S.SIZING,), (S.SIZING, S.ASKING_TIME), (E.DISAGREED,), None, None, TRY, "7.3",
             "The request is sent again."),
        Rule((S.SIZING, S.ABORTING), _R_ASKS, (E.ONWARD,), None, None, TRY, "7.3",
             "The peer did not understand the request, which is sent again."),
        Rule((S.ABORTING,), (S.ABORTING, S.ASKING_TIME), (E.REPEAT,), None, None, TRY, "7.3",
             "The peer did not understand the request, whichever block it expects."),
        Rule((*_MID, *_W_ASKS), (), (E.SILENCE,), None, None, SILENT_TRY, "7.1, 7.2, 7.3",
             "Only the workstation acts on silence: the reader waits until it is asked."),
        Rule(_MID, (), (E.STILL_SILENT,), Do.ask_patiently, None, None, "ours",
             "A reader that was stopped may go on: it is asked again, and given as long again."),
        Rule((S.RESYNCHRONISING, S.ABORTING), (), (E.STILL_SILENT,), Do.ask_again_patiently, None, None,
             "ours",
             "A reader that was stopped may go on: it is asked again, and given as long again."),
        Rule((S.APART, *_W_ALL), (), (E.OUT_OF_TIME,), Do.fail_for_waiting, S.APART, None, "ours",
             "The exchange fails. It is not known how far the reader got."),
        Rule(_MID, (*_IN, S.SENDING), (E.TRY_LEFT,), Do.send_ready, None, None, "7.1, 7.2",
             "An R-block asks for the block that we expect, and says what was wrong."),
        Rule(_W_ASKS, _R_ASKS, (E.TRY_LEFT,), Do.ask_again, None, None, "7.3", "The request is sent again."),
        Rule((*_MID, S.ABORTING), (), (E.TRIES_SPENT,), Do.ask_to_resynchronise, S.RESYNCHRONISING, None,
             "7.4.2", "Asking again did not help: the workstation resynchronises."),
        Rule((), (*_IN, S.SENDING), (E.TRIES_SPENT,), Do.send_ready, None, None, "ours",
             "A reader cannot resynchronise, so it goes on asking."),
        Rule((), (S.ABORTING, S.ASKING_TIME), (E.TRIES_SPENT,), Do.ask_again, None, None, "ours",
             "A reader cannot resynchronise, so it goes on asking."),
    ),
}
# fmt: on
"""The rules, by topic."""


def cases() -> Iterator[tuple[Role, S, E, Rule]]:
    """Yield every case that the table decides: the end, its state, the event and the rule."""
    for rules in TABLE.values():
        for rule in rules:
            for role, states in ((Role.WORKSTATION, rule.workstation), (Role.READER, rule.reader)):
                for state in states:
                    for event in rule.events:
                        yield role, state, event, rule


Step = tuple[Callable[[Station], None] | None, S | None, bool, Callable[[Station], E] | None, E | None]
"""A rule as the machine uses it: what is done, where it leads, whether that is a request, what follows."""


def steps_of(role: Role) -> dict[S, dict[E, Step]]:
    """Return the steps of one end, by state and event. Raises ValueError for a case that is decided twice."""
    found: dict[S, dict[E, Step]] = {state: {} for state in S}
    for whose, state, event, rule in cases():
        if whose is not role:
            continue
        if event in found[state]:
            raise ValueError(f"two rules for {role.value} {state.name} {event.name}")
        then = rule.then
        decide, follows = (then.decide, None) if isinstance(then, Choice) else (None, then)
        found[state][event] = (rule.does, rule.to, rule.to in REQUESTS, decide, follows)
    return found
