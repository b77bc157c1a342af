"""The two sides of the C interface, each in a process that can be killed.

`python -m tla_sim.tools.explore.ssv_once serve URL LEDGER SOCKET` serves a reader until it is ended; with
`load SOCKET` or `unload SOCKET FOLDER` a program calls once, and keeps what it got. Each prints one line,
READY, just before it begins.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from tla_sim.host.ssv.caller import Answer, Caller
from tla_sim.host.ssv.functions import CHARGER_FACTURES_PDT, DECHARGER_FSE_TLA
from tla_sim.host.ssv.server.listening import Listener
from tla_sim.host.ssv.server.reader_held import ReaderHeld
from tla_sim.host.ssv.server.reader_place import AtUrl
from tla_sim.host.ssv.server.service import Service
from tla_sim.host.transport import open_transport
from tla_sim.host.whole_file import replace_file
from tla_sim.protocol.groups.ssv_calls import HeldDocument
from tla_sim.protocol.groups.zone import decode_zone, encode_zone
from tla_sim.tools.cast.people import CODE
from tla_sim.tools.explore.people import documents
from tla_sim.tools.judge.signatures import ANCHORS

READY: Final = "ready"


def serve(url: str, ledger_path: Path, socket: Path) -> None:
    """Serve a reader and a ledger on a socket, until SIGTERM."""
    service = Service(ReaderHeld(AtUrl(url), open_transport), ledger_path, anchors=ANCHORS)
    with Listener(socket, service.welcome, service.held) as listener, listener.stop_on_signals():
        print(READY, flush=True)
        listener.run()


def load(socket: Path) -> Answer:
    """Load the round's invoices, of all owners in one call. Raises what `Caller` raises."""
    zones = [encode_zone(each.invoice.groups()) for each in documents()]
    with Caller(socket) as caller:
        return caller.call(CHARGER_FACTURES_PDT, {"reader": "Log_SV", "billing": "", "zones": zones})


def unload(socket: Path, folder: Path) -> Answer:
    """Unload what the card in the slot may have, and keep each document as a file. Raises what `Caller`
    raises."""
    with Caller(socket) as caller:
        inputs = {"ps_resource": "CPS", "reader": "Log_SV", "code": CODE, "invoice": ""}
        answer = caller.call(DECHARGER_FSE_TLA, inputs)
    for zone in answer.outputs.get("answers", ()):
        for group in decode_zone(zone):
            if isinstance(group, HeldDocument) and group.content:
                replace_file(folder / f"{group.owner}-{group.number}-{group.kind}", group.content)
    return answer


def main(arguments: list[str]) -> None:
    """Do what the arguments say."""
    match arguments:
        case ["serve", url, ledger, socket]:
            serve(url, Path(ledger), Path(socket))
        case ["load", socket]:
            print(READY, flush=True)
            load(Path(socket))
        case ["unload", socket, folder]:
            print(READY, flush=True)
            unload(Path(socket), Path(folder))
        case _:
            raise SystemExit(2)


if __name__ == "__main__":
    main(sys.argv[1:])
