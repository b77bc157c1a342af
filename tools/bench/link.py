"""The share of payload in a serial line's bytes, pushing and pulling over T=1 in virtual time."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from tla_sim.host.client import ReaderClient
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.round.pull import pull
from tla_sim.host.round.push import push_owner
from tla_sim.protocol.documents.certificates import TrustAnchors
from tla_sim.protocol.t1.actions import LinkSettings
from tla_sim.tools.bench.report import Figure
from tla_sim.tools.bench.stage import Stage
from tla_sim.tools.cast.people import CODE
from tla_sim.tools.simulator.virtual_cable import VirtualCable, cable_transport

_INVOICES: Final = 200
_BITS_A_BYTE: Final = 10


def measure() -> list[Figure]:
    """Compare the payload with the bytes that the line could carry in that time, both ways, at two speeds."""
    return [figure for baud in (9_600, 115_200) for figure in _at(baud)]


def _at(baud: int) -> list[Figure]:
    stage = Stage(_INVOICES, owners=1)
    anchors = TrustAnchors.shipped()
    with tempfile.TemporaryDirectory() as folder, Ledger.open(Path(folder) / "ledger.db") as ledger:
        cable, client = _connect(stage, baud)
        started = cable.elapsed_us
        push_owner(client, ledger, stage.owners[0].number, stage.documents)
        sent = sum(len(each.content) for each in stage.documents)
        found = [_figure("push", baud, sent, cable.elapsed_us - started)]
        stage.unplug()
        stage.visit()
        cable, client = _connect(stage, baud)
        client.verify_code(CODE)
        started = cable.elapsed_us
        result = pull(client, ledger, anchors)
        if result.partial != _INVOICES:
            raise AssertionError(f"the pull did not bring everything: {result}")
        found.append(_figure("pull", baud, result.bytes_received, cable.elapsed_us - started))
    return found


def _connect(stage: Stage, baud: int) -> tuple[VirtualCable, ReaderClient]:
    settings = LinkSettings(baud=baud)
    cable = stage.plug_line(settings)
    return cable, ReaderClient(cable_transport(cable, settings), stage.random)


def _figure(name: str, baud: int, payload: int, taken_us: int) -> Figure:
    possible = taken_us / 1e6 * baud / _BITS_A_BYTE
    return Figure(
        f"{name} at {baud:,} baud", payload, "bytes", "the line's bytes in that time", possible, 0.95, False
    )
