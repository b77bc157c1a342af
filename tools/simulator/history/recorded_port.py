"""A cable of a recorded reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tla_sim.protocol.lad import Lad
from tla_sim.tools.faults.reader import FaultyPort
from tla_sim.tools.simulator.history.blanking import blank_command
from tla_sim.tools.simulator.history.inputs import Op

if TYPE_CHECKING:
    from tla_sim.tools.simulator.history.input_recorder import InputRecorder


class RecordedPort(FaultyPort):
    """A cable whose every use is recorded. `number` is its own in the history of the reader.

    It stays good after a rewind to before it was plugged in: it is unplugged then (`displaced`), and plugs
    itself in again at its owner's next command. `left` is set once its owner has pulled it out.
    """

    def __init__(self, reader: InputRecorder, name: str, number: int) -> None:
        super().__init__(reader, name)
        self.reader = reader
        self.name = name
        self.number = number
        self.displaced = False
        self.left = False
        self._under_way: tuple[Lad, bytes, int] | None = None

    @property
    def protocols(self) -> tuple[tuple[int, int], ...]:
        """The protocols chosen on this link, by logical device."""
        return tuple((int(lad), number) for lad, number in self._protocols.items())

    @protocols.setter
    def protocols(self, chosen: tuple[tuple[int, int], ...]) -> None:
        self._protocols = {Lad(lad): number for lad, number in chosen}

    def begin_anew(self, last_ms: int = 0, protocols: tuple[tuple[int, int], ...] = ()) -> None:
        """Be a cable without a session, last used at a moment, with protocols chosen."""
        self.lose()
        self.session.last_ms = last_ms
        self.protocols = protocols

    def begin(self, lad: Lad, apdu: bytes) -> None:
        """Start a command. Raises ReaderOff, also when the power fails meanwhile."""
        reader = self.reader
        if reader.inside:
            super().begin(lad, apdu)
            return
        reader.replug(self)
        self._start(lad, apdu)
        reader.enter(Op.BEGIN, self.number, lad, blank_command(self, lad, apdu))
        try:
            super().begin(lad, apdu)
        except BaseException:
            self._end(None)
            raise
        finally:
            reader.leave()

    def poll(self) -> bytes | None:
        """Return the response APDU once the reader's clock has reached its due time, else `None`."""
        reader = self.reader
        if reader.inside:
            return super().poll()
        due = self._due_ms
        if due is None or reader.board.clock.now_ms < due:
            return None
        reader.enter(Op.POLL, self.number)
        response = None
        try:
            response = super().poll()
        finally:
            if response is not None:
                self._end(response)
            reader.leave()
        return response

    def exchange(self, lad: Lad, apdu: bytes) -> bytes:
        """Carry out a command, let time pass until it is answered, and return the response APDU.

        Raises ReaderOff, and ConnectionLost when power fails meanwhile.
        """
        reader = self.reader
        if reader.inside:
            return super().exchange(lad, apdu)
        reader.replug(self)
        self._start(lad, apdu)
        reader.enter(Op.EXCHANGE, self.number, lad, blank_command(self, lad, apdu))
        response = None
        try:
            response = super().exchange(lad, apdu)
        finally:
            self._end(response)
            reader.leave()
        return response

    def power_on(self, lad: Lad) -> bytes:
        """Reset the card, or for Log_SV this link's session, and return the answer to reset."""
        reader = self.reader
        if reader.inside:
            return super().power_on(lad)
        reader.replug(self)
        reader.enter(Op.CARD_ON, self.number, lad)
        try:
            return super().power_on(lad)
        finally:
            reader.leave()

    def select_protocol(self, lad: Lad, number: int) -> None:
        """Have the card answer this link in T=`number` until `power_on`."""
        reader = self.reader
        if reader.inside:
            super().select_protocol(lad, number)
            return
        reader.replug(self)
        reader.enter(Op.PROTOCOL, self.number, number << 8 | lad)
        try:
            super().select_protocol(lad, number)
        finally:
            reader.leave()

    def power_off(self, lad: Lad) -> None:
        """Power off the card, unless another link uses it; for Log_SV, end this link's session."""
        reader = self.reader
        if reader.inside:
            super().power_off(lad)
            return
        if self.displaced:
            return
        reader.enter(Op.CARD_OFF, self.number, lad)
        try:
            super().power_off(lad)
        finally:
            reader.leave()

    def abort(self) -> None:
        """Drop the pending command, which gets no answer."""
        reader = self.reader
        if reader.inside or self.displaced:
            super().abort()
            return
        reader.enter(Op.ABORT, self.number)
        try:
            super().abort()
        finally:
            reader.leave()

    def reset(self) -> None:
        """Drop the pending command and end the session, since another host may be on this link."""
        reader = self.reader
        if reader.inside or self.displaced:
            super().reset()
            return
        reader.enter(Op.RESET, self.number)
        try:
            super().reset()
        finally:
            reader.leave()

    def _drop(self) -> None:
        super()._drop()
        self._end(None)

    def _start(self, lad: Lad, apdu: bytes) -> None:
        self._end(None)
        self._under_way = lad, apdu, self.reader.board.clock.now_ms

    def _end(self, response: bytes | None) -> None:
        """Report the command under way as ended, with its answer if it has one."""
        under_way, self._under_way = self._under_way, None
        if under_way is not None:
            lad, command, started_ms = under_way
            now_ms = self.reader.board.clock.now_ms
            self.reader.report(self.name, lad, command, response, started_ms, now_ms)
