"""A serial line in virtual time that splits, merges, loses, doubles, delays and corrupts bytes by a seed.

Bytes take line time at the given speed and never overtake each other, as on a real line. `Conversation`
joins two T=1 machines (or anything of their shape) by one and runs it.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from itertools import pairwise

from tla_sim.protocol.errors import LinkError
from tla_sim.protocol.t1.actions import (
    Aborted,
    Action,
    Failed,
    LinkSettings,
    MessageReceived,
    Resynchronised,
    Role,
    SendBytes,
    reverse_nad,
)
from tla_sim.protocol.t1.machine import T1


class End(Enum):
    """One end of the line."""

    WORKSTATION = 0
    READER = 1

    @property
    def other(self) -> End:
        return End.READER if self is End.WORKSTATION else End.WORKSTATION


@dataclass(frozen=True)
class Faults:
    """Chances: of `bit_error` for a bit, `drop_byte` and `double_byte` for a byte, the others for a write."""

    bit_error: float = 0.0
    drop_byte: float = 0.0
    double_byte: float = 0.0
    lose: float = 0.0
    double: float = 0.0
    split: float = 0.0
    merge: float = 0.0
    delay: float = 0.0
    longest_delay_ms: int = 0
    noise: float = 0.0


@dataclass
class _Direction:
    free_at_us: int = 0
    pieces: deque[tuple[int, bytes]] = field(default_factory=deque)


class VirtualLine:
    """Two directions of bytes. `now_us` is microseconds; `carried` counts the bytes put on the line."""

    def __init__(self, baud: int | None = 9600, faults: Faults | None = None, seed: int = 0) -> None:
        self._baud = baud
        self._faults = faults or Faults()
        self._random = random.Random(seed)
        self._directions = {end: _Direction() for end in End}
        self.carried = 0
        self.lose_writes: set[int] = set()
        self.corrupt_writes: set[int] = set()
        self.writes = 0
        self.tap: Callable[[End, bytes], None] = lambda _end, _data: None

    def _line_us(self, size: int) -> int:
        return 0 if self._baud is None else size * 10_000_000 // self._baud

    def write(self, end: End, data: bytes, now_us: int) -> None:
        """Put bytes on the line at this end."""
        self.carried += len(data)
        self.tap(end, data)
        way = self._directions[end]
        start = max(now_us, way.free_at_us)
        way.free_at_us = start + self._line_us(len(data))
        number, self.writes = self.writes, self.writes + 1
        faults, chance = self._faults, self._random.random
        if number in self.lose_writes or chance() < faults.lose:
            return
        if number in self.corrupt_writes:
            data = data[:-1] + bytes((data[-1] ^ 0x01,))
        for _ in range(2 if chance() < faults.double else 1):
            self._arrive(way, start, self._damage(data))

    def _damage(self, data: bytes) -> bytes:
        faults, rng = self._faults, self._random
        if not (faults.bit_error or faults.drop_byte or faults.double_byte or faults.noise):
            return data
        out = bytearray()
        if rng.random() < faults.noise:
            out += rng.randbytes(rng.randint(1, 8))
        for byte in data:
            if rng.random() < faults.drop_byte:
                continue
            if faults.bit_error:
                for bit in range(8):
                    if rng.random() < faults.bit_error:
                        byte ^= 1 << bit
            out.append(byte)
            if rng.random() < faults.double_byte:
                out.append(byte)
        return bytes(out)

    def _arrive(self, way: _Direction, start: int, data: bytes) -> None:
        faults, rng = self._faults, self._random
        cuts = [0, len(data)]
        if len(data) > 1 and rng.random() < faults.split:
            cuts = sorted({0, len(data), *(rng.randrange(len(data)) for _ in range(3))})
        for begin, end in pairwise(cuts):
            at = start + self._line_us(end)
            if rng.random() < faults.delay:
                at += rng.randint(0, faults.longest_delay_ms * 1000)
            if way.pieces:
                last_at, last = way.pieces[-1]
                at = max(at, last_at)
                if rng.random() < faults.merge:
                    way.pieces[-1] = (at, last + data[begin:end])
                    continue
            way.pieces.append((at, data[begin:end]))

    def next_arrival_us(self, end: End) -> int | None:
        """When the next bytes reach this end."""
        pieces = self._directions[end.other].pieces
        return pieces[0][0] if pieces else None

    def read(self, end: End, now_us: int) -> bytes:
        """The next piece that has arrived at this end, empty if none."""
        pieces = self._directions[end.other].pieces
        return pieces.popleft()[1] if pieces and pieces[0][0] <= now_us else b""


Answerer = Callable[[int, bytes], tuple[bytes, int]]


def echo(_nad: int, command: bytes) -> tuple[bytes, int]:
    """An application that answers every command at once with the command itself."""
    return command, 0


class Conversation:
    """A workstation and a reader on one line, in virtual time, with an application behind the reader.

    `answer(nad, command)` gives the answer and the milliseconds it takes.
    """

    def __init__(
        self,
        line: VirtualLine | None = None,
        settings: LinkSettings | None = None,
        answer: Answerer = echo,
        reader_settings: LinkSettings | None = None,
    ) -> None:
        self.line = line or VirtualLine()
        self.now_us = 0
        self.ends = {
            End.WORKSTATION: T1(Role.WORKSTATION, settings),
            End.READER: T1(Role.READER, reader_settings or settings),
        }
        self._answer = answer
        self._due: tuple[int, int, bytes] | None = None
        self.commands: list[bytes] = []
        self.seen: dict[End, list[Action]] = {end: [] for end in End}

    @property
    def now_ms(self) -> int:
        return self.now_us // 1000

    @property
    def workstation(self) -> T1:
        return self.ends[End.WORKSTATION]

    @property
    def reader(self) -> T1:
        return self.ends[End.READER]

    def carry_out(self, end: End, actions: list[Action]) -> None:
        for action in actions:
            if isinstance(action, SendBytes):
                self.line.write(end, action.data, self.now_us)
                continue
            self.seen[end].append(action)
            if end is End.READER:
                self._on_reader(action)

    def _on_reader(self, action: Action) -> None:
        match action:
            case MessageReceived(nad, data):
                self.commands.append(data)
                answer, takes = self._answer(nad, data)
                self._due = (self.now_ms + takes, reverse_nad(nad), answer)
                if not takes:
                    self._send_due()
            case Resynchronised() | Aborted():
                self._due = None

    def _send_due(self) -> None:
        if self._due is not None and self._due[0] <= self.now_ms:
            answer = self._due[2]
            self._due = None
            self.carry_out(End.READER, self.reader.send(answer, self.now_ms))

    def step(self) -> bool:
        """Go to the next thing that happens; false when nothing ever will."""
        times = [at for end in End if (at := self.line.next_arrival_us(end)) is not None]
        times += [at * 1000 for machine in self.ends.values() if (at := machine.wake_at) is not None]
        if self._due is not None:
            times.append(self._due[0] * 1000)
        if not times:
            return False
        self.now_us = max(self.now_us, min(times))
        for end, machine in self.ends.items():
            while data := self.line.read(end, self.now_us):
                self.carry_out(end, machine.receive(data, self.now_ms))
            self.carry_out(end, machine.tick(self.now_ms))
        self._send_due()
        return True

    def exchange(self, command: bytes, nad: int = 0x21, steps: int = 1_000_000) -> bytes | LinkError:
        """One command from the workstation: its answer, or the error it ended in."""
        seen = self.seen[End.WORKSTATION]
        start = len(seen)
        self.carry_out(End.WORKSTATION, self.workstation.send(command, self.now_ms, nad))
        for _ in range(steps):
            for action in seen[start:]:
                if isinstance(action, MessageReceived):
                    return action.data
                if isinstance(action, Failed):
                    return action.error
            start = len(seen)
            assert self.step(), "the workstation waits for ever"
        raise AssertionError("the exchange does not end")

    def settle(self) -> None:
        """Let everything under way come to rest."""
        for _ in range(100_000):
            if not self.step():
                return
        raise AssertionError("the line never comes to rest")
