"""A serving loop that turns when told to, a folder for sockets, and capture blocks."""

from __future__ import annotations

import select
import socket
import struct
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tla_sim.tools.capture.live.announcement import Announcement
from tla_sim.tools.capture.live.follower import split_blocks

ME = Announcement("reader", "tla sim", 4711, ("serial:/tmp/tla",), "/var/lib/reader", "")
ATR = bytes.fromhex("3b6500002063cbb000")
PACKET_BLOCK = 6


class Loop:
    """What the door needs of a serving loop. `turn` handles what has arrived, once."""

    def __init__(self) -> None:
        self._poll = select.poll()
        self.watched: dict[int, Callable[[], object]] = {}

    def watch(
        self, fd: int, reading: Callable[[], object], writing: Callable[[], object] | None = None
    ) -> None:
        """Watch a descriptor."""
        self._poll.register(fd, select.POLLIN if writing is None else select.POLLOUT)
        self.watched[fd] = writing or reading

    def unwatch(self, fd: int) -> None:
        """Watch it no more."""
        if self.watched.pop(fd, None) is not None:
            self._poll.unregister(fd)

    def turn(self) -> int:
        """Handle what has arrived, and tell how much that was."""
        arrived = self._poll.poll(0)
        for fd, _ in arrived:
            if fd in self.watched:
                self.watched[fd]()
        return len(arrived)

    def settle(self, turns: int = 1_000) -> None:
        """Turn until nothing arrives any more."""
        for _ in range(turns):
            if not self.turn():
                return
        raise AssertionError("it does not settle")


@contextmanager
def socket_folder() -> Iterator[Path]:
    """A folder whose path is short enough for sockets, not made yet."""
    with tempfile.TemporaryDirectory(prefix="tla-live-") as home:
        yield Path(home) / "tla-sim"


def ask(path: Path, line: bytes) -> socket.socket:
    """Connect and say a line; what is read waits 5 seconds at most."""
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(5)
    connection.connect(str(path))
    connection.sendall(line)
    return connection


def block(kind: int, body: bytes) -> bytes:
    """One pcapng block."""
    body += bytes(-len(body) % 4)
    size = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + size + body + size


def packet(data: bytes, options: bytes = b"") -> bytes:
    """One enhanced packet block."""
    head = struct.pack("<IIIII", 0, 0, 0, len(data), len(data))
    return block(PACKET_BLOCK, head + data + bytes(-len(data) % 4) + options)


def kinds(blocks: bytes) -> list[int]:
    """The kinds of whole blocks."""
    return [struct.unpack_from("<I", each)[0] for each in split_blocks(blocks)]


def lost_told(blocks: bytes) -> int:
    """How many packets the packets of these blocks say were lost."""
    told = 0
    for each in split_blocks(blocks):
        if struct.unpack_from("<I", each)[0] != PACKET_BLOCK:
            continue
        captured = struct.unpack_from("<I", each, 20)[0]
        at = 28 + captured + -captured % 4
        while at < len(each) - 4:
            code, size = struct.unpack_from("<HH", each, at)
            if code == 4:
                told += struct.unpack_from("<Q", each, at + 4)[0]
            at += 4 + size + -size % 4
    return told


def data_of(blocks: bytes) -> list[bytes]:
    """The data of the packets."""
    found = []
    for each in split_blocks(blocks):
        if struct.unpack_from("<I", each)[0] == PACKET_BLOCK:
            captured = struct.unpack_from("<I", each, 20)[0]
            found.append(each[28 : 28 + captured])
    return found
