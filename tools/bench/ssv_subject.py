"""The server that `tla_sim.tools.bench.ssv` measures, with a reader that answers at once.

`python -m tla_sim.tools.bench.ssv_subject SOCKET`; it prints one line when it listens.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Final

from tla_sim.host.ssv.server.listening import Listener
from tla_sim.host.ssv.server.reader_held import ReaderHeld
from tla_sim.host.ssv.server.reader_place import AtUrl
from tla_sim.host.ssv.server.service import Service
from tla_sim.host.transport.base import Transport
from tla_sim.protocol.commands.identity import READ_CLOCK, Moment
from tla_sim.protocol.lad import Lad
from tla_sim.tools.cast.people import MORNING

_ANSWER: Final = READ_CLOCK.response.build(Moment(MORNING)) + b"\x90\x00"


class NullReader(Transport):
    """A reader that answers everything with its date, in no time."""

    url = "null:"

    def transmit(self, apdu: bytes, lad: Lad = Lad.LOG_SV) -> bytes:  # noqa: ARG002
        """Return the date."""
        return _ANSWER

    def close(self) -> None:
        """Do nothing."""


def main(socket: str) -> None:
    """Serve until SIGTERM."""
    with tempfile.TemporaryDirectory(prefix="tla-bench-") as folder:
        held = ReaderHeld(AtUrl("null:"), lambda _url: NullReader())
        service = Service(held, Path(folder) / "ledger")
        with Listener(Path(socket), service.welcome, held) as listener, listener.stop_on_signals():
            print("listening", flush=True)
            listener.run()


if __name__ == "__main__":
    main(sys.argv[1])
