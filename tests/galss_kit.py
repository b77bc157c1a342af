"""Programs that call the GALSS of one server, with no socket in between, for tests."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple

from tla_sim.host.ssv import galss_functions as galss
from tla_sim.host.ssv.declaration import Function
from tla_sim.host.ssv.frames import build_call, parse_answer, parse_call
from tla_sim.host.ssv.server.galss.desk import GalssDesk
from tla_sim.host.ssv.server.galss.program import GalssProgram
from tla_sim.host.ssv.server.reader_held import ReaderHeld
from tla_sim.host.ssv.server.reader_place import AtUrl, FindReader
from tla_sim.host.transport.base import Transport

BY_NUMBER = {each.number: each for each in galss.GALSS_FUNCTIONS}
PRESENCE, POWER_ON, POWER_OFF, TAKE_OUT = b"\x16", b"\x14", b"\x15\x01", b"\x15\x00"


class Told(NamedTuple):
    """What a program gets: the code, and outputs by name."""

    code: int
    outputs: dict[str, Any]


class Program:
    """A program: its calls go through the bytes of the socket, both ways."""

    def __init__(self, desk: GalssDesk) -> None:
        self.party = GalssProgram(desk)

    def call(self, function: Function, **inputs: Any) -> Told:
        """Call a function by its parameters' names."""
        values = {name: each.encode() if isinstance(each, str) else each for name, each in inputs.items()}
        named, decoded, _ = parse_call(build_call(function, values, 1_000), BY_NUMBER)
        return Told(*parse_answer(function, self.party.answer(named, decoded)))

    def open(self, resource: str = "CPS", application: str = "TEST") -> Told:
        """Open a session."""
        return self.call(galss.OUVRIR_SESSION, application=application, resource=resource)

    def session(self, resource: str = "CPS", application: str = "TEST") -> Conversing:
        """Open a session that must open, and return it."""
        told = self.open(resource, application)
        assert told.code == 0, f"{told.code:04X}"
        return Conversing(self, told.outputs["session"], told.outputs["lad"])

    def begin(self, *wanted: str) -> Told:
        """Begin an exclusivity."""
        return self.call(galss.DEBUT_EXCLUSIVITE, resources=",".join(wanted))

    def end(self, exclusivity: int) -> int:
        """End one; return the code."""
        return self.call(galss.FIN_EXCLUSIVITE, exclusivity=exclusivity).code

    def leave(self) -> None:
        """End the connection."""
        self.party.leave()


class Conversing:
    """A session of a program, and the messages in it."""

    def __init__(self, program: Program, number: int, lad: int) -> None:
        self.program = program
        self.number = number
        self.lad = lad
        self.counter = 0

    def exchange(self, message: bytes, most_seconds: int = 0) -> Told:
        """Exchange a whole message."""
        return self.program.call(
            galss.ECHANGE, session=self.number, most_seconds=most_seconds, message=message
        )

    def order(self, order: bytes) -> bytes:
        """Send an order to the slot, which must be answered; keep the counter."""
        told = self.exchange(bytes((0, self.lad)) + order)
        assert told.code == 0, f"{told.code:04X}"
        answer: bytes = told.outputs["answer"]
        if len(answer) >= 3:
            self.counter = answer[2]
        return answer

    def instruct(self, tpdu: bytes, *, outgoing: bool = False) -> bytes:
        """Send a TPDU, which must be answered; return the whole answer."""
        return self.order(bytes((outgoing, self.counter)) + tpdu)

    def send(self, tpdu: str) -> bytes:
        """Send a TPDU with data for the card, in hexadecimal; return what the card says."""
        return self._card(self.instruct(bytes.fromhex(tpdu)))

    def fetch(self, tpdu: str) -> bytes:
        """Send a TPDU that asks the card for data, in hexadecimal; return what the card says."""
        return self._card(self.instruct(bytes.fromhex(tpdu), outgoing=True))

    def _card(self, answer: bytes) -> bytes:
        assert answer[0] == 0, answer.hex()
        return answer[3:]

    def close(self) -> Told:
        """Close the session."""
        return self.program.call(galss.FERMER_SESSION, session=self.number)


_ANYWHERE = AtUrl("memory:")


def serve_galss(
    connect: Callable[[], Transport],
    find: FindReader = _ANYWHERE,
    now: Callable[[], float] = time.monotonic,
) -> GalssDesk:
    """Return the GALSS of a server whose reader is what `connect` returns."""
    return GalssDesk(ReaderHeld(find, lambda _url: connect()), now)
