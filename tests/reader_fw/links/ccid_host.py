"""A host on a CCID line, in the role of libccid's serial driver."""

from __future__ import annotations

from protocol.ccid import (
    Answer,
    CardMoved,
    CommandStatus,
    FrameCutter,
    Item,
    Kind,
    Notice,
    Request,
    TimeAsked,
    framed,
)
from protocol.lad import Lad
from reader_fw.links.ccid_link import ALL_LADS
from reader_fw.links.port import Link
from tests.fake_reader import FakeReader

NAD = 0x00


class CcidHost:
    """Sends requests and waits for the answer, the reader's clock moving as needed."""

    def __init__(self, link: Link, reader: FakeReader) -> None:
        self.link = link
        self.reader = reader
        self.moved: list[int] = []
        self.time_asked = 0
        self._sequence = 0
        self._cutter = FrameCutter(reader=False)

    def begin(
        self, kind: int, slot: int = 0, data: bytes = b"", first: int = 0, second: int = 0
    ) -> list[Item]:
        """Send a request; what is said at once."""
        request = Request(kind, slot, self._sequence, data, first, second)
        self._sequence = (self._sequence + 1) & 0xFF
        return self._cutter.feed(self.link.receive(framed(request.build())))

    def ask(self, kind: int, slot: int = 0, data: bytes = b"", first: int = 0, second: int = 0) -> Answer:
        """Send a request; its answer. After a NAK, or an answer to noise, the same request goes again."""
        for _ in range(3):
            sequence = self._sequence
            answer = self.wait(self.begin(kind, slot, data, first, second))
            if answer is not None and (answer.slot, answer.sequence) == (slot, sequence):
                return answer
        raise AssertionError("it never understands")

    def wait(self, items: list[Item]) -> Answer | None:
        """Wait for the answer under way, `None` for a NAK."""
        while True:
            for item in items:
                if isinstance(item, bytes):
                    return Answer.parse(item)
                if item is Notice.REPEAT:
                    return None
                if isinstance(item, CardMoved):
                    self.moved.append(item.bits)
                elif isinstance(item, TimeAsked):
                    self.time_asked += 1
            wake = self.link.wake_at
            assert wake is not None, "no answer, and none to come"
            self.reader.tick(max(0, wake - self.reader.clock.now_ms))
            items = self._cutter.feed(self.link.tick())

    def power_on(self, slot: int) -> bytes:
        """The answer to reset."""
        answer = self.ask(Kind.ICC_POWER_ON, slot)
        assert answer.command is CommandStatus.DONE
        return answer.data

    def transfer(self, slot: int, data: bytes) -> bytes:
        """A block there, a block back."""
        answer = self.ask(Kind.XFR_BLOCK, slot, data)
        assert answer.command is CommandStatus.DONE, hex(answer.error)
        return answer.data


def slot_of(lad: Lad) -> int:
    """Where a card or Log_SV stands."""
    return ALL_LADS.index(lad)
