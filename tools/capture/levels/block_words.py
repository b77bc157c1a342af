"""A T=1 block in a few words."""

from __future__ import annotations

from typing import Final

from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.lad import WORKSTATION_NODE, Lad
from tla_sim.protocol.t1.block import Block, Edc, Fault, Information, Ready, Supervisory
from tla_sim.tools.capture.tracer import DEVICES

_FAULTS: Final = {Fault.NONE: "", Fault.EDC: " EDC wrong", Fault.OTHER: " other error"}


def name_block(raw: bytes, edc: Edc) -> str:
    """Return which block this is: `I(0) more`, `R(1)`, `S(IFS request) 254`; empty for other bytes."""
    try:
        block = Block.parse(raw, edc)
    except CodecError:
        return ""
    match block.control:
        case Information(number, more):
            return f"I({number})" + (" more" if more else "")
        case Ready(number, fault):
            return f"R({number}){_FAULTS[fault]}"
        case Supervisory(about, response):
            value = f" {block.inf[0]}" if block.inf else ""
            return f"S({about.name} {'response' if response else 'request'}){value}"


def name_nodes(nad: int) -> str:
    """Return who speaks to whom by a NAD: `1>PS`; nodes that nobody declares are numbers."""
    return f"{_name_node(nad & 0x0F)}>{_name_node(nad >> 4)}"


def _name_node(node: int) -> str:
    lad = Lad.of_node(node)
    return DEVICES[lad] if lad is not None else "host" if node == WORKSTATION_NODE else str(node)
