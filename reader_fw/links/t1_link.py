"""The reader's T=1 nodes: messages to node 2, 3 and 4 are commands for Log_SV, the PS card and the Vitale."""

from __future__ import annotations

from typing import Final

from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.errors import ExchangeAbandoned
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.t1.actions import (
    Aborted,
    Action,
    LinkSettings,
    MessageReceived,
    Resynchronised,
    Role,
    SendBytes,
)
from tla_sim.protocol.t1.machine import T1
from tla_sim.reader_fw.links.port import LinkPort, Now

_NO_ADDRESSES: Final = 0
_NO_SUCH_NODE: Final = int(Status.FUNCTION_NOT_SUPPORTED).to_bytes(2, "big")


class T1Link:
    """A T=1 line into the reader: bytes in, bytes out.

    While a command is under way, the link asks the host for more time by itself. A resynchronisation counts
    as a new host and ends the session before it; after plugging in, nothing is heard before one. With `only`,
    every block is for that address, whatever its NAD.
    """

    def __init__(
        self, port: LinkPort, clock: Now, settings: LinkSettings | None = None, only: Lad | None = None
    ) -> None:
        self._only = only
        self._port = port
        self._clock = clock
        self._settings = settings or LinkSettings()
        self._machine = self._new_machine()
        self._pending = False

    def receive(self, data: bytes) -> bytes:
        """Take bytes from the host, in pieces of any size, and return the bytes to send back now."""
        return self._carry_out(self._machine.receive(data, self._clock.now_ms)) + self._answer()

    def tick(self) -> bytes:
        """Let time pass up to the reader's clock, and return the bytes to send now."""
        # The answer first: if it is there, the machine need not ask for more time at the same moment.
        answer = self._answer()
        return answer + self._carry_out(self._machine.tick(self._clock.now_ms))

    @property
    def wake_at(self) -> int | None:
        """The reader's clock, in ms, at which to call `tick`."""
        machine, port = self._machine.wake_at, self._port.due_ms if self._pending else None
        if machine is None or port is None:
            return port if machine is None else machine
        return min(machine, port)

    def hang_up(self) -> None:
        """Forget the host, its command and its session: it went away, or the reader lost power."""
        self._pending = False
        self._machine = self._new_machine()
        self._port.reset()

    def _new_machine(self) -> T1:
        if self._only is not None:
            return T1(Role.READER, self._settings, _NO_ADDRESSES)
        machine = T1(Role.READER, self._settings)
        machine.await_resynchronisation()
        return machine

    def _carry_out(self, actions: list[Action]) -> bytes:
        out = b""
        for action in actions:
            match action:
                case SendBytes(data):
                    out += data
                case MessageReceived(nad, data):
                    try:
                        out += self._begin(nad, data)
                    except ExchangeAbandoned:
                        self.hang_up()
                        return b""
                case Aborted():
                    self._pending = False
                    self._port.abort()
                case Resynchronised():
                    self._pending = False
                    self._port.reset()
        return out

    def _begin(self, nad: int, command: bytes) -> bytes:
        lad = Lad.of_node(nad >> 4) if self._only is None else self._only
        if lad is None:
            return self._carry_out(self._machine.send(_NO_SUCH_NODE, self._clock.now_ms))
        self._port.begin(lad, command)
        self._pending = True
        return b""

    def _answer(self) -> bytes:
        """Return the answer to the command under way, once there is one."""
        if not self._pending:
            return b""
        due, now = self._port.due_ms, self._clock.now_ms
        if due is None:
            # The reader lost power meanwhile, and with it the command: it stays silent, as one without power.
            self.hang_up()
            return b""
        if due > now:
            return b""
        response = self._port.poll()
        if response is None:
            return b""
        self._pending = False
        return self._carry_out(self._machine.send(response, now))
