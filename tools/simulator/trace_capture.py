"""The exchanges that a control keeps, as a capture for Wireshark."""

from __future__ import annotations

from collections.abc import Iterable

from tla_sim.protocol.lad import Lad
from tla_sim.protocol.log_sv_atr import LOG_SV_ATR
from tla_sim.tools.capture.pcapng_tracer import PcapngTracer
from tla_sim.tools.simulator.control.trace_ring import TracedExchange

_NS_PER_MS = 1_000_000


def capture_of(exchanges: Iterable[TracedExchange]) -> bytes:
    """Return the pcapng file of these exchanges, in the time of the reader's clock.

    Which card was in a slot is not kept: Log_SV alone has its answer to reset.
    """
    blocks: list[bytes] = []
    tracer = PcapngTracer(blocks.append)
    known: set[str] = set()
    for each in exchanges:
        began, ended = each.clock_ms * _NS_PER_MS, each.ended_ms * _NS_PER_MS
        if each.lad is Lad.LOG_SV and each.link not in known:
            known.add(each.link)
            tracer.reset(each.link, each.lad, LOG_SV_ATR, began)
        tracer.command(each.link, each.lad, each.command, began)
        tracer.answer(each.link, each.lad, each.response, ended)
    return b"".join(blocks)
