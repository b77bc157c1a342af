"""What hosts do with a control's reader: commands, on cables of the control's own and on new ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tla_sim.host.transport.base import Transport
from tla_sim.host.transport.in_process import InProcessTransport
from tla_sim.protocol.commands.instructions import Ins
from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.reader import ReaderOff, ReaderPort
from tla_sim.tools.simulator.control.hands import API_PORT
from tla_sim.tools.simulator.control.named_ports import Answered
from tla_sim.tools.simulator.control.passing_time import PassingTime
from tla_sim.tools.simulator.control.ring import Part
from tla_sim.tools.simulator.control.trace_ring import TracedExchange

_MAY_WAIT: Final = bytes((Ins.VERIFY_CODE,))
"""The only command that may wait for what a person does."""


class HostSide(PassingTime):
    """The host's end of a control's cables, and the trace of all cables."""

    def transmit(self, lad: Lad, apdu: bytes, port: str = API_PORT) -> bytes:
        """Exchange an APDU on a cable of the control's own. The time that it takes passes at once.

        Raises CableOut, CommandUnderWay, and LinkError when there is no answer.
        """
        answers: list[bytes | TlaError] = []
        self.begin(lad, apdu, answers.append, port)
        while not answers:
            if self.ms_until_due is None:
                self.hang_up(port)
            self.jump_to_due()
        if isinstance(answers[0], TlaError):
            raise answers[0]
        return answers[0]

    def begin(
        self, lad: Lad, apdu: bytes, answered: Answered, port: str = API_PORT, *, first: bool = False
    ) -> None:
        """Start a command; `answered` is called with the response, or with the error that there is none.

        That is before this returns, unless the command waits for a code at the keypad. A command that goes
        `first` ends the session of another cable of the control's own that holds the reader and is at no
        command. Raises CableOut and CommandUnderWay.
        """
        self._ports.begin(port, lad, apdu, answered, first)

    def check_cable(self) -> None:
        """Raise what keeps every command from the reader: CableOut or ReaderOff."""
        self._ports.check()

    def hang_up(self, port: str = API_PORT) -> None:
        """End the session on a cable of the control's own, and drop the command on it."""
        self._ports.hang_up(port)

    def transport(self, link: str = "", baud: int | None = 9600) -> Transport:
        """Return a host's transport on a new cable, in virtual time. Raises UnknownLink."""
        if link in ("", "memory"):
            name = "in process"
            port = self.reader.attach(name)
            return InProcessTransport(self._exchange_on(port), on_close=port.detach)
        return self._controlled.transport(link, baud)

    def trace(self, after: int = 0, limit: int | None = None) -> Part[TracedExchange]:
        """Return the exchanges with a number above `after`, the oldest first, of the newest 10,000."""
        return self._trace.after(after, limit)

    @property
    def exchanges(self) -> int:
        """The number of the newest exchange, 0 before the first."""
        return self._trace.last

    @property
    def last_exchange(self) -> TracedExchange | None:
        """The newest exchange, if it is kept."""
        return self._trace.get(self._trace.last)

    def exchange(self, number: int) -> TracedExchange | None:
        """Return the exchange of a number, `None` when it is not kept."""
        return self._trace.get(number)

    def clear_trace(self) -> None:
        """Forget the exchanges so far; their numbers go on."""
        self._trace.clear()

    def _exchange_on(self, port: ReaderPort) -> Callable[[Lad, bytes], bytes]:
        """Return an exchange on a port in which rules can act while a command waits for its code."""
        reader, clock = self.reader, self.reader.board.clock

        def exchange(lad: Lad, apdu: bytes) -> bytes:
            if apdu[1:2] != _MAY_WAIT or lad is not Lad.LOG_SV:
                return port.exchange(lad, apdu)
            try:
                port.begin(lad, apdu)
                while (response := port.poll()) is None:
                    due = port.due_ms
                    if due is None:
                        raise ReaderOff
                    reader.tick(max(due - clock.now_ms, 0))
                return response
            except BaseException:
                port.abort()
                raise

        return exchange
