"""The declaration of a reader command, from which firmware, host, trace decoder, fuzzers and docs derive."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, Generic, TypeVar

from tla_sim.protocol.commands.instructions import Ins
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.wire.record import Record

Q = TypeVar("Q")
A = TypeVar("A")

CLA: Final = 0x80


@dataclass(frozen=True)
class Empty:
    """No data."""


EMPTY: Final = Record(Empty)


class Authentication(Enum):
    """What a command requires to have happened on its link."""

    NONE = "none"
    PS_CODE = "a PS card whose code porteur was verified on this link"


GENERAL_ERRORS: Final = (
    Status.WRONG_LENGTH,
    Status.WRONG_DATA,
    Status.WRONG_PARAMETERS,
    Status.INSTRUCTION_NOT_SUPPORTED,
    Status.CLASS_NOT_SUPPORTED,
    Status.READER_HELD,
    Status.EXCHANGE_ABANDONED,
    Status.MEMORY_FAILURE,
    Status.INTERNAL,
)
"""Statuses that any command may answer."""

AUTHENTICATION_ERRORS: Final = (
    Status.PS_CARD_ABSENT,
    Status.PS_CARD_UNUSABLE,
    Status.NOT_AUTHENTICATED,
    Status.CODE_LOST,
)
"""Statuses that any command needing a verified code porteur may answer."""


@dataclass(frozen=True)
class Command(Generic[Q, A]):
    """One command: its instruction, what it does, its request and response, and who may use it.

    `ssv` names the SSV function that it serves. `errors` lists the statuses that it may answer besides
    GENERAL_ERRORS (and AUTHENTICATION_ERRORS where `needs` says so). `changes` says whether it changes
    anything in the reader, `in_batches` whether a host spreads it over as many exchanges as its line needs,
    `confirms` the command whose batches it confirms in turns. `vectors` pairs requests and responses with
    their bytes in hex.
    """

    ins: Ins
    summary: str
    request: Record[Q]
    response: Record[A]
    ssv: str = ""
    needs: Authentication = Authentication.NONE
    errors: tuple[Status, ...] = ()
    changes: bool = False
    in_batches: bool = False
    confirms: Ins | None = None
    vectors: tuple[tuple[Any, str], ...] = ()

    @property
    def name(self) -> str:
        """The command's name, such as `read_clock`."""
        return self.ins.name.lower()

    @property
    def statuses(self) -> tuple[Status, ...]:
        """Every status the command may answer, 9000 first."""
        extra = AUTHENTICATION_ERRORS if self.needs is Authentication.PS_CODE else ()
        return tuple(dict.fromkeys((Status.OK, *self.errors, *extra, *GENERAL_ERRORS)))
