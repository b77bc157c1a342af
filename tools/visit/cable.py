"""The host at the other end of a stage's cable, as far as a script needs one."""

from __future__ import annotations

from pathlib import Path

from tla_sim.host.client import ReaderClient
from tla_sim.host.transport.in_process import InProcessTransport
from tla_sim.protocol.errors import Category, ConnectionLost, TlaError
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.board.flash import PowerCut
from tla_sim.reader_fw.reader import Reader, ReaderPort
from tla_sim.tools.faults.plan import FaultPlan
from tla_sim.tools.simulator.control.named_ports import CableOut
from tla_sim.tools.simulator.history.recorded_reader import RecordedReader


class NotRecorded(TlaError):
    """The reader keeps no history, without which there are no snapshots."""

    category = Category.REFUSED


class ScriptCable:
    """A cable between a reader and the script, and the snapshots that a script takes of the reader.

    Time passes only while the reader works on a command.
    """

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

    def inject(self, plan: FaultPlan) -> None:
        """Plan faults, counted from now. Raises NotRecorded."""
        self._recorded.inject(plan)

    def charge(self, percent: int) -> None:
        """Set the charge of the battery. Raises NotRecorded."""
        self._recorded.set_battery(percent)

    def open_case(self) -> None:
        """Open the reader's case. Raises NotRecorded."""
        self._recorded.open_case()

    def save(self, path: Path) -> None:
        """Write a snapshot of the reader. Raises NotRecorded, HistoryFull, SnapshotUnwritable."""
        from tla_sim.tools.simulator.history.snapshot_file import write_snapshot

        write_snapshot(path, self._recorded.snapshot(path.stem))

    def restore(self, path: Path) -> None:
        """Have the reader be as in a snapshot; a cable that was plugged in then becomes the script's.

        Raises NotRecorded, FileUnusable, SnapshotRefused, and as `RecordedReader.restore`.
        """
        from tla_sim.tools.simulator.history.snapshot_file import read_snapshot

        reader = self._recorded
        reader.restore(read_snapshot(path))
        self._port = next(iter(reader.ports), None)
        for port in reader.ports[1:]:
            port.detach()

    @property
    def _recorded(self) -> RecordedReader:
        if not isinstance(self._reader, RecordedReader):
            raise NotRecorded("What this reader does is not recorded", "Start it with: tla sim --record")
        return self._reader

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
