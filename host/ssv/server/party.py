"""What the server is to one program: the side of a connection that carries out its calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.declaration import Function
from tla_sim.host.ssv.failure import CallRefused
from tla_sim.host.ssv.frames import Hello
from tla_sim.protocol.errors import TlaError


@dataclass(frozen=True)
class Peer:
    """The program on a connection: its process, 0 where that is not known, and its name as it says itself.

    `has_hung_up` says whether it has ended the connection by now.
    """

    process: int = 0
    name: str = ""
    has_hung_up: Callable[[], bool] = field(default=lambda: False, repr=False, compare=False)

    def check_waiting(self) -> None:
        """Check that the program still waits for its answer, before its call changes anything.

        A program that gave up was told 0400 and goes on: its call, carried out behind its next ones, would
        erase what those have loaded. Raises CallRefused with 0040.
        """
        if self.has_hung_up():
            raise CallRefused(SsvCode.ABANDONED, "The program hung up before its call was carried out")


class Party(Protocol):
    """What carries out the calls of one program, in the thread of its connection."""

    @property
    def functions(self) -> Mapping[int, Function]:
        """The functions that it carries out, by number."""

    def answer(self, function: Function, values: Mapping[str, Any]) -> bytes:
        """Carry out a call with its values by name, and return the body of the answer.

        Raises TlaError when it cannot be carried out: the program gets its code.
        """

    def leave(self) -> None:
        """Give back what the program held: its connection has ended."""


Welcoming = Callable[[Hello, Peer], Party]
"""What makes the party of a program that said hello. Raises TlaError, whose code the program gets."""


@dataclass(frozen=True)
class CallDone:
    """A call that was carried out: what a log or a trace can say about it.

    `values` are the inputs by name and `answer` is the body of the answer. `seconds` is how long it took,
    `heard` whether the program took the answer, `reason` why the call could not be carried out. Codes
    porteur are in `values`: whoever tells must blank them.
    """

    peer: Peer
    function: Function
    values: Mapping[str, Any] = field(repr=False)
    answer: bytes = field(repr=False)
    seconds: float
    heard: bool = True
    reason: str = ""


Observer = Callable[[CallDone], None]

OnRefused = Callable[[Peer, TlaError], None]
"""What is told of a program that is not served, and why."""

OnMistake = Callable[[Exception], None]
"""What is told of an error that none of ours should be: the program gets 0001."""
