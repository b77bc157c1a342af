"""A made-up park of readers, served on this machine: every version, and the usual faults in the field.

`python -m tla_sim.tools.demo.park [COUNT]` serves COUNT readers, every tenth of them silent, prints a URL per
line and serves until its standard input ends.
"""

from __future__ import annotations

import hashlib
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from tla_sim.protocol.apdu import CommandApdu
from tla_sim.protocol.commands.declaration import CLA
from tla_sim.protocol.commands.loading import OPEN_LOAD, LoadOpening
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.app.software.profile import TLA_1_40, Profile
from tla_sim.reader_fw.app.software.profiles import (
    TLA_1_31,
    TLA_1_31_FIXED,
    TLA_1_39,
    TLA_1_40_ALTERED,
    TLA_1_40_SINGLE,
)
from tla_sim.reader_fw.board.board import DEVICE_KEY_BYTES, assemble_board
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.board.flash import NorFlash, blank_image
from tla_sim.reader_fw.reader import Reader
from tla_sim.reader_fw.serve import Server
from tla_sim.tools.simulator.kept_reader import wall_clock_ms

_FLASH_BYTES: Final = 512 * 1024
_HOUR: Final = 3_600_000
_SILENT_EVERY: Final = 10


@dataclass(frozen=True)
class Member:
    """One reader of a park: its software, the lead of its clock in ms, its battery in %, and its faults."""

    profile: Profile = TLA_1_40
    ahead_ms: int = 0
    battery: int = 90
    opened: bool = False
    held: bool = False
    silent: bool = False


DOZEN: Final = (
    Member(),
    Member(ahead_ms=900, battery=64),
    Member(TLA_1_40_SINGLE),
    Member(TLA_1_39),
    Member(TLA_1_31),
    Member(TLA_1_31_FIXED),
    Member(TLA_1_31, opened=True),
    Member(ahead_ms=-26 * _HOUR),
    Member(TLA_1_40_ALTERED),
    Member(silent=True),
    Member(held=True),
    Member(battery=12),
)
"""Every version, and: case opened, wrong clock, altered software, silent, held by another program, flat."""


def make_members(count: int) -> tuple[Member, ...]:
    """Return `count` readers at 1.40, every tenth silent."""
    return tuple(Member(silent=number % _SILENT_EVERY == 9) for number in range(count))


class ServedPark:
    """Readers served on TCP ports of this machine inside a `with` block; `urls` in the order of `members`."""

    def __init__(self, members: Sequence[Member] = DOZEN) -> None:
        self.urls: list[str] = []
        self.readers: list[Reader] = []
        self._closers: list[Callable[[], None]] = []
        for number, member in enumerate(members, 1):
            if member.silent:
                self._listen()
            else:
                self._serve(_reader(number, member), member.held)

    def close(self) -> None:
        """Stop serving and switch everything off."""
        for close in self._closers:
            close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _listen(self) -> None:
        """Open a port that accepts connections and bytes and never answers."""
        listener = socket.create_server(("127.0.0.1", 0))
        self.urls.append(f"socket://127.0.0.1:{listener.getsockname()[1]}")
        self._closers.append(listener.close)

    def _serve(self, reader: Reader, held: bool) -> None:
        server = Server(reader, reader.board.clock)
        door = server.open("tcp:0")
        self.urls.append(f"socket://{door.address}")
        self.readers.append(reader)
        if held:
            _hold(reader)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()

        def close() -> None:
            server.stop()
            thread.join()
            server.close()
            reader.power_off()

        self._closers.append(close)


def _reader(number: int, member: Member) -> Reader:
    key = hashlib.sha256(f"park {number}".encode()).digest()[:DEVICE_KEY_BYTES]
    now_ms, flash = wall_clock_ms() + member.ahead_ms, NorFlash(blank_image(_FLASH_BYTES))
    board = assemble_board(now_ms, SeededEntropy(number), flash, key)
    board.power.battery = member.battery
    if member.opened:
        board.tamper.open_case()
    reader = Reader(board, member.profile)
    reader.power_on()
    return reader


def _hold(reader: Reader) -> None:
    """Begin a load from another program, which keeps the reader held until the hold expires."""
    port = reader.attach("another program")
    opening = OPEN_LOAD.request.build(LoadOpening("75600001", bytes(16), 1, 600))
    port.exchange(Lad.LOG_SV, CommandApdu(CLA, OPEN_LOAD.ins, 0, 0, opening, 65_536).build())


def main(arguments: Sequence[str]) -> int:
    """Serve until standard input ends."""
    with ServedPark(make_members(int(arguments[0]) if arguments else 200)) as park:
        print("\n".join(park.urls), flush=True)
        sys.stdin.read()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
