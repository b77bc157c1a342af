"""`python -m tools.bench.pcsc_client LAD APDU COUNT`: print the seconds that so many exchanges take."""

from __future__ import annotations

import sys
import time
from contextlib import suppress

from host.transport import open_transport
from host.transport.pcsc import PcscStopped
from protocol.lad import Lad

_START_SECONDS = 20.0


def main(lad: str, apdu: str, count: str) -> None:
    """Reach the reader of the service in the environment, and measure."""
    deadline = time.monotonic() + _START_SECONDS
    while True:
        with suppress(PcscStopped):
            transport = open_transport("pcsc:")
            break
        if time.monotonic() > deadline:
            raise PcscStopped
        time.sleep(0.1)
    command, to = bytes.fromhex(apdu), Lad(int(lad))
    with transport:
        if transport.transmit(command, to)[-2:] != b"\x90\x00":
            raise AssertionError("the command is refused")
        started = time.perf_counter()
        for _ in range(int(count)):
            transport.transmit(command, to)
        print(time.perf_counter() - started)


if __name__ == "__main__":
    main(*sys.argv[1:4])
