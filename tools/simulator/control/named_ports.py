"""The cables of a control's own: one for each name, with a session of its own and one command at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tla_sim.protocol.errors import Category, ExchangeAbandoned, LinkError, TlaError
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.reader import ReaderOff, ReaderPort
from tla_sim.tools.simulator.control.telling import tell
from tla_sim.tools.simulator.history.recorded_port import RecordedPort
from tla_sim.tools.simulator.history.recorded_reader import RecordedReader

Answered = Callable[[bytes | TlaError], None]


class CableOut(LinkError):
    """No cable is plugged into the reader."""


class CommandUnderWay(TlaError):
    """The command before has not been answered yet."""

    category = Category.REFUSED


@dataclass(slots=True)
class _Cable:
    port: RecordedPort
    answered: Answered | None = None


class NamedPorts:
    """Cables by name. A command that needs no code is answered at once, and the time for it passes at once.

    One that waits for a code at the keypad is answered by `serve`, once the code was typed.
    """

    def __init__(self, reader: RecordedReader) -> None:
        self._reader = reader
        self._cables: dict[str, _Cable] = {}
        self.waiting = 0
        """How many commands wait for their answers."""

    def plug(self, name: str) -> RecordedPort:
        """Return the port of this name, whose cable is plugged in if it is not yet."""
        cable = self._cables.get(name)
        if cable is None:
            cable = self._cables[name] = _Cable(self._orphan(name) or self._reader.attach(name))
        self._reader.replug(cable.port)
        return cable.port

    def check(self) -> None:
        """Raise what keeps every command from the reader: CableOut or ReaderOff."""
        self._check_plugged()
        if not self._reader.on:
            raise ReaderOff

    def _orphan(self, name: str) -> RecordedPort | None:
        """Return a cable of this name that came with a snapshot, with its session, and is nobody's yet."""
        port = next((port for port in self._reader.orphans if port.name == name), None)
        if port is not None:
            port.left = False
        return port

    def begin(self, name: str, lad: Lad, apdu: bytes, answered: Answered, first: bool = False) -> None:
        """Start a command on a port; `answered` is called once, with the response or why there is none.

        One that goes `first` ends the session of another of these cables that holds the reader, unless that
        one is at a command. Raises CableOut and CommandUnderWay.
        """
        self._check_plugged()
        port = self.plug(name)
        cable = self._cables[name]
        if cable.answered is not None:
            raise CommandUnderWay(
                "The command before has not been answered yet", "Type the code at the reader, or wait"
            )
        if first:
            self._release(self._reader.holder(port))
        try:
            cable.answered = answered
            self.waiting += 1
            port.begin(lad, apdu)
        except TlaError as error:
            self._answer(cable, error)
            return
        self._finish(cable)

    def serve(self) -> bool:
        """Answer the commands that have become due. Return whether there were any."""
        ready = [
            cable
            for cable in self._cables.values()
            if cable.answered is not None and cable.port.code_entry is None
        ]
        for cable in ready:
            self._finish(cable)
        return bool(ready)

    def hang_up(self, name: str) -> None:
        """End the session of a port, and drop the command on it."""
        cable = self._cables.get(name)
        if cable is not None:
            cable.port.reset()
            self._fail(cable)

    def forget_commands(self) -> None:
        """Give up the commands under way: the reader is at another moment, where they may not be known."""
        for cable in self._cables.values():
            self._fail(cable)

    def unplug(self) -> None:
        """Pull these cables out."""
        cables, self._cables = self._cables, {}
        for cable in cables.values():
            cable.port.detach()
            self._fail(cable)

    def _release(self, holder: ReaderPort | None) -> None:
        for cable in self._cables.values():
            if cable.port is holder and cable.answered is None:
                cable.port.reset()

    def _check_plugged(self) -> None:
        if not self._reader.ports:
            raise CableOut("No cable is plugged into the reader", "Plug it in")

    def _finish(self, cable: _Cable) -> None:
        port, clock = cable.port, self._reader.board.clock
        while cable.answered is not None and port.code_entry is None:
            try:
                response = port.poll()
            except TlaError as error:
                self._answer(cable, error)
                return
            if response is not None:
                self._answer(cable, response)
                return
            due = port.due_ms
            if due is None:
                self._fail(cable)
                return
            self._reader.tick(max(due - clock.now_ms, 0))

    def _fail(self, cable: _Cable | None) -> None:
        if cable is None or cable.answered is None:
            return
        if not self._reader.on:
            self._answer(cable, ReaderOff())
        elif not self._reader.ports:
            self._answer(cable, CableOut("The cable was pulled out of the reader", "Plug it in"))
        else:
            self._answer(cable, ExchangeAbandoned("The reader dropped the command", "Send it again"))

    def _answer(self, cable: _Cable, answer: bytes | TlaError) -> None:
        answered, cable.answered = cable.answered, None
        if answered is not None:
            self.waiting -= 1
            tell(answered, answer)
