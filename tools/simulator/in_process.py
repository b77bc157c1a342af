"""The shortest cable: a live reader handed to the host's in-process transport, in virtual time."""

from __future__ import annotations

from tla_sim.host.transport.in_process import InProcessTransport
from tla_sim.protocol.errors import ConnectionLost
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.board.flash import PowerCut
from tla_sim.reader_fw.reader import Reader


def in_process(reader: Reader) -> InProcessTransport:
    """Plug a cable into a reader; closing the transport pulls it out.

    Time passes only while the reader works on a command.
    """
    port = reader.attach("in process")

    def exchange(lad: Lad, apdu: bytes) -> bytes:
        try:
            port.begin(lad, apdu)
            return reader.finish(port)
        except PowerCut:
            raise ConnectionLost("The reader lost its power", "Switch it on and start again") from None
        except BaseException:
            port.abort()
            raise

    return InProcessTransport(exchange, on_close=port.detach)
