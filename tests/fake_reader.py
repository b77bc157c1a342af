"""A reader that echoes, to test links, transports and the serving loop."""

from __future__ import annotations

from collections.abc import Callable

from tla_sim.protocol.errors import ExchangeAbandoned
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.log_sv_atr import LOG_SV_ATR
from tla_sim.reader_fw.cards.atr import PS_ATR, VITALE_ATR

Answer = Callable[[Lad, bytes], tuple[bytes, int]]


def echo(lad: Lad, apdu: bytes) -> tuple[bytes, int]:
    """Answer with the command, its LAD and 9000, at once."""
    return apdu[:65_535] + bytes((lad,)) + b"\x90\x00", 0


class FakeClock:
    def __init__(self) -> None:
        self.now_ms = 1_550_000_000_000


class FakePort:
    def __init__(self, reader: FakeReader, name: str) -> None:
        self.reader = reader
        self.name = name
        self.log: list[str] = []
        self._response = b""
        self._due_ms: int | None = None

    def begin(self, lad: Lad, apdu: bytes) -> None:
        if not self.reader.on:
            raise ExchangeAbandoned("off", "switch on")
        self.log.append(f"begin {lad.name} {len(apdu)}")
        self.reader.commands.append((self.name, lad, apdu))
        self._response, takes = self.reader.answer(lad, apdu)
        self._due_ms = self.reader.clock.now_ms + takes

    def poll(self) -> bytes | None:
        if self._due_ms is None or self.reader.clock.now_ms < self._due_ms:
            return None
        self._due_ms = None
        return self._response

    @property
    def due_ms(self) -> int | None:
        return self._due_ms

    def abort(self) -> None:
        self.log.append("abort")
        self._due_ms = None

    def reset(self) -> None:
        self.log.append("reset")
        self._due_ms = None

    def lose(self) -> None:
        self._due_ms = None

    def insertion(self, lad: Lad) -> int:
        if not self.reader.on:
            return 0
        return 1 if lad is Lad.LOG_SV else self.reader.insertions.get(lad, 0)

    @property
    def movements(self) -> int:
        return hash((self.reader.on, tuple(self.reader.insertions.items())))

    def power_on(self, lad: Lad) -> bytes:
        self.log.append(f"power on {lad.name}")
        return self.reader.atrs[lad] if self.insertion(lad) else b""

    def select_protocol(self, lad: Lad, number: int) -> None:
        self.log.append(f"T={number} {lad.name}")

    def power_off(self, lad: Lad) -> None:
        self.log.append(f"power off {lad.name}")

    def detach(self) -> None:
        self.log.append("detach")
        self.reader.ports.remove(self)


class FakeReader:
    """A reader whose `answer(lad, apdu)` returns each response and its time in ms of the reader's clock.

    `insertions` has the insertion numbers of the cards in the slots; a missing one means an empty slot.
    """

    def __init__(self, answer: Answer = echo) -> None:
        self.clock = FakeClock()
        self.answer = answer
        self.on = True
        self.insertions = {Lad.PS: 1, Lad.VITALE: 1}
        self.atrs = {Lad.PS: PS_ATR, Lad.VITALE: VITALE_ATR, Lad.LOG_SV: LOG_SV_ATR}
        self.ports: list[FakePort] = []
        self.commands: list[tuple[str, Lad, bytes]] = []

    def attach(self, name: str) -> FakePort:
        port = FakePort(self, name)
        self.ports.append(port)
        return port

    def tick(self, ms: int) -> None:
        assert ms >= 0
        self.clock.now_ms += ms

    def follow(self, ms: int) -> None:
        self.tick(ms)

    def power_on(self) -> None:
        self.on = True

    def power_off(self) -> None:
        self.on = False
        for port in self.ports:
            port.lose()
