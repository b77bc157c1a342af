"""`python -m tla_sim.tools.bench.pcsc_client`: timed exchanges through PC/SC, for
`tla_sim.tools.bench.pcsc`.

For each line `LAD APDU COUNT [APDU…]` of standard input it sends the commands at the end of the line, makes
COUNT exchanges of the first, and prints the seconds of an undisturbed one.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from statistics import quantiles
from typing import Final

from tla_sim.host.transport import Transport, open_transport
from tla_sim.host.transport.pcsc import PcscStopped, list_slots
from tla_sim.protocol.lad import Lad

_START_SECONDS: Final = 60.0
_DONE: Final = 0x90
_MORE: Final = 0x61
_USED_SLOTS: Final = 2
"""The number of slots, counted from the first, that hold a card in every measured reader."""


def main() -> None:
    """Connect to the reader of the service in the environment, and measure until standard input ends."""
    with _connect() as transport:
        for line in sys.stdin:
            number, apdu, count, *before = line.split()
            lad = Lad(int(number))
            for each in before:
                _carry_out(transport, lad, bytes.fromhex(each))
            print(_seconds(transport, lad, bytes.fromhex(apdu), int(count)), flush=True)


def _connect() -> Transport:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        with suppress(PcscStopped):
            slots = list_slots()[:_USED_SLOTS]
            if slots and all(slot.atr for slot in slots):
                return open_transport("pcsc:")
        if time.monotonic() > deadline:
            raise PcscStopped
        time.sleep(0.1)


def _carry_out(transport: Transport, lad: Lad, command: bytes) -> None:
    if transport.transmit(command, lad)[-2] not in (_DONE, _MORE):
        raise AssertionError(f"the command {command.hex()} is refused")


def _seconds(transport: Transport, lad: Lad, command: bytes, count: int) -> float:
    _carry_out(transport, lad, command)
    return time_undisturbed(lambda: transport.transmit(command, lad), count)


def time_undisturbed(exchange: Callable[[], object], count: int) -> float:
    """Return the seconds of an exchange that other work did not delay, from the fastest tenth of `count`."""
    times = []
    for _ in range(count):
        started = time.perf_counter()
        exchange()
        times.append(time.perf_counter() - started)
    return quantiles(times, n=10)[0]


if __name__ == "__main__":
    main()
