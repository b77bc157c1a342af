"""The states of one end of a T=1 link and the events that it meets: the words of the transition table."""

from __future__ import annotations

from enum import Enum
from typing import Final


class State(Enum):
    """The state of one end. The value is the sentence that the reference page prints.

    An exchange has a stage. A request of our own interrupts the stage it is made in: the end is in the
    request until that is answered, then in the stage again.
    """

    APART = "no resynchronisation yet, or none since a failure: everything else is ignored"
    IDLE = "nothing under way; the workstation may send, the reader listens"
    STARTING = "the workstation has a command, and nothing of it is on the line yet"
    SENDING = "a chain of ours goes on when an R-block asks for its next block"
    WAITING = "the workstation's command is out, and its answer is due"
    RECEIVING = "a chain of the peer goes on after our R-block"
    WORKING = "the reader has the whole command and owes the answer"
    RESYNCHRONISING = "the workstation has sent S(RESYNCH request): both ends are to start afresh"
    SIZING = "we have sent S(IFS request): how many bytes we take in one block"
    ABORTING = "we have sent S(ABORT request): the exchange is to be given up"
    ASKING_TIME = "the reader has sent S(WTX request): it needs another block waiting time"
    STAGE = "back in the stage that the request interrupted"

    __hash__ = object.__hash__  # the machine looks up several by block, and Enum's own is written in Python


REQUESTS: Final = (State.RESYNCHRONISING, State.SIZING, State.ABORTING, State.ASKING_TIME)


class Event(Enum):
    """What came in, ran out, was asked for by the owner, or follows from that. The value is for the page."""

    # What the owner wants.
    CONNECT = "the owner of this end calls `connect`"
    SEND = "the owner calls `send`"
    ABORT = "the owner calls `abort`"
    # What came in.
    MORE = "I-block, expected number, more to follow"
    LAST = "I-block, expected number, the last one"
    MORE_TOO_LONG = "I-block, more to follow, that makes the message too long"
    LAST_TOO_LONG = "I-block, the last one, that makes the message too long"
    MISPLACED = "I-block, expected number, from another node, or empty with more to follow"
    OLD = "I-block with the other number"
    ONWARD = "R-block that expects our next I-block"
    REPEAT = "R-block that expects our last I-block"
    RESYNCH_ASKED = "S(RESYNCH request)"
    SIZE_ASKED = "S(IFS request) of 1 to 254"
    ABORT_ASKED = "S(ABORT request)"
    TIME_ASKED = "S(WTX request)"
    TIME_ASKED_IN_VAIN = "S(WTX request) when the owner has given up"
    MISASKED = "S-request that has no meaning here"
    RESYNCHRONISED = "S(RESYNCH response) to our request"
    AGREED = "S-response to our request"
    DISAGREED = "S-response to our request, with another INF"
    STRAY = "S-response to no request of ours"
    BAD = "bytes that are not a block, then silence"
    # What ran out.
    SILENCE = "no answer in the block waiting time"
    STILL_SILENT = "no answer, again, from a reader that was there before"
    OUT_OF_TIME = "the exchange took as long as it may"
    TIME_SHORT = "half of the block waiting time is over"
    # What follows.
    RESYNCH_DUE = "a resynchronisation is due"
    SIZE_DUE = "our block size is due"
    ABORT_DUE = "an abort is due"
    ACKNOWLEDGEMENT_DUE = "an acknowledgement is due"
    MORE_DUE = "a block is due, more to follow"
    LAST_DUE = "the last block is due"
    ANSWER_DUE = "the answer is due, and not there yet"
    REPETITION_DUE = "our last I-block is due once more"
    REPLY_DUE = "the response is due"
    TRY_LEFT = "a try is left"
    TRIES_SPENT = "no try is left"

    __hash__ = object.__hash__  # the machine looks up several by block, and Enum's own is written in Python
