"""The host at the other end of a stage's cable, as far as a script needs one."""

from __future__ import annotations

from tla_sim.host.client import ReaderClient
from tla_sim.host.transport.in_process import InProcessTransport
from tla_sim.protocol.errors import ConnectionLost
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.board.flash import PowerCut
from tla_sim.reader_fw.reader import Reader, ReaderPort
from tla_sim.tools.simulator.control.named_ports import CableOut


class ScriptCable:
    """A cable between a reader and the script. Time passes only while the reader works on a command."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._port: ReaderPort | None = None

    @property
    def plugged(self) -> bool:
        """Whether the cable is plugged in."""
        return self._port is not None

    def plug(self, plugged: bool) -> None:
        """Plug the cable in, or unplug it."""
        if plugged and self._port is None:
            self._port = self._reader.attach("cable")
        elif not plugged and self._port is not None:
            self._port.detach()
            self._port = None

    def send(self, lad: Lad, apdu: bytes) -> bytes | None:
        """Send a command and return the answer; `None` while it waits for a code at the keypad.

        Raises CableOut while the cable is out, ReaderOff.
        """
        port = self._plugged_port()
        port.poll()
        try:
            port.begin(lad, apdu)
            return None if port.code_entry is not None else self._reader.finish(port)
        except PowerCut:
            raise ConnectionLost("The reader lost its power", "Switch it on and start again") from None

    def verify(self, code: str) -> None:
        """Verify a code porteur over the enciphered channel. Raises as `ReaderClient.verify_code`."""
        transport = InProcessTransport(self._plugged_port().exchange)
        ReaderClient(transport, self._reader.board.entropy.take).verify_code(code)

    def _plugged_port(self) -> ReaderPort:
        if self._port is None:
            raise CableOut("No cable is plugged into the reader", "Plug it in")
        return self._port
