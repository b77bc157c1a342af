"""The cost of a command without crypto, APDU in to APDU out, against compiled parsing and building alone."""

from __future__ import annotations

import time
import timeit
from collections.abc import Callable
from typing import Any, Final

import construct
from construct import Construct, GreedyBytes, Int8ub, Int16ub, Struct

from tla_sim.protocol.apdu import MAX_NE, CommandApdu, ResponseApdu
from tla_sim.protocol.commands.declaration import CLA, Command, Empty
from tla_sim.protocol.commands.identity import IDENTIFY, READ_CLOCK
from tla_sim.protocol.commands.loading import LIST_INVOICES, ListRequest
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.lad import Lad
from tla_sim.tools.bench.report import Figure
from tla_sim.tools.bench.stage import Stage

_LIMIT: Final = 1.5
_CALLS: Final = 500
_ROUNDS: Final = 60
_APDU: Final = Struct(
    "cla" / Int8ub, "ins" / Int8ub, "p1" / Int8ub, "p2" / Int8ub, "body" / GreedyBytes
).compile()
_COMMANDS: Final[tuple[tuple[Command[Any, Any], Any], ...]] = (
    (READ_CLOCK, Empty()),
    (IDENTIFY, Empty()),
    (LIST_INVOICES, ListRequest("", 0)),
)


def measure_in_turns(*calls: Callable[[], object]) -> list[float]:
    """Return the microseconds of processor time that each call takes at best.

    They take turns, so that a machine that is busy or slow for a while is so for all of them.
    """
    best = [float("inf")] * len(calls)
    for _ in range(_ROUNDS):
        for position, call in enumerate(calls):
            taken = timeit.timeit(call, number=_CALLS, timer=time.process_time)
            best[position] = min(best[position], taken / _CALLS * 1e6)
    return best


def measure() -> list[Figure]:
    """Measure each command against the compiled parse of its request and build of its response."""
    stage = Stage(20)
    port = stage.reader.attach("bench")
    found = []
    for command, request in _COMMANDS:
        apdu = CommandApdu(CLA, command.ins, 0, 0, command.request.build(request), MAX_NE).build()

        def dispatch(apdu: bytes = apdu) -> bytes | None:
            port.begin(Lad.LOG_SV, apdu)
            return port.poll()

        answer = ResponseApdu.parse(dispatch() or b"")
        if answer.word != Status.OK:
            raise AssertionError(f"{command.name} was refused with {answer.word:04X}")
        value = command.response.parse(answer.data)

        response = Struct(*command.response.construct(construct).subcons, "word" / Int16ub).compile()
        fields = command.response.for_construct(value) | {"word": int(Status.OK)}

        def codec(apdu: bytes = apdu, response: Construct = response, fields: Any = fields) -> None:
            _APDU.parse(apdu)
            response.build(fields)

        taken, bare = measure_in_turns(dispatch, codec)
        baseline = "compiled parse and build of its APDUs"
        found.append(Figure(f"dispatch {command.name}", taken, "µs", baseline, bare, _LIMIT, True))
    return found
