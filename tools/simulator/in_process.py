"""The shortest cable: a live reader handed to the host's in-process transport, in virtual time."""

from __future__ import annotations

from tla_sim.host.transport.in_process import InProcessTransport
from tla_sim.reader_fw.reader import Reader


def in_process(reader: Reader, name: str = "in process") -> InProcessTransport:
    """Plug a cable into a reader; closing the transport pulls it out.

    Time passes only while the reader works on a command.
    """
    port = reader.attach(name)
    return InProcessTransport(port.exchange, on_close=port.detach)
