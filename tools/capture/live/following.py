"""Follow a running reader: take its pcapng stream, and pass on whole blocks."""

from __future__ import annotations

import select
import socket
import struct
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from tla_sim.protocol.errors import ConnectionLost
from tla_sim.tools.capture.level import Level
from tla_sim.tools.capture.live.announcement import TRACE, Question

_READ_SIZE: Final = 1 << 18
_HEAD: Final = struct.Struct("<II")
_LONGEST_BLOCK: Final = 16 << 20
_SMALLEST_BLOCK: Final = 12


class WholeBlocks:
    """Cuts a pcapng stream into whole blocks, so that what a killed reader leaves is still readable."""

    def __init__(self) -> None:
        self._rest = b""

    def take(self, data: bytes) -> bytes:
        """Return the whole blocks that have come. Raises ConnectionLost for what is no pcapng stream."""
        data = self._rest + data
        end = 0
        while len(data) - end >= _HEAD.size:
            _, size = _HEAD.unpack_from(data, end)
            if not _SMALLEST_BLOCK <= size <= _LONGEST_BLOCK or size % 4:
                raise ConnectionLost("The running reader sent something other than a capture")
            if len(data) - end < size:
                break
            end += size
        self._rest = data[end:]
        return data[:end]


def connect(path: Path, levels: Iterable[Level] = ()) -> socket.socket:
    """Return a connection on which a running reader sends its trace. Raises ConnectionLost."""
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(str(path))
        connection.sendall(Question(TRACE, tuple(level.value for level in levels)).line())
    except OSError:
        connection.close()
        raise ConnectionLost("The running reader has ended", "Start it again") from None
    return connection


def follow(
    connection: socket.socket, write: Callable[[bytes], object], out: int = -1, stop: int = -1
) -> None:
    """Pass on whole blocks until the reader ends, until whoever reads the descriptor `out` is gone, or until
    the descriptor `stop` has something to read.

    Raises ConnectionLost, and OSError as `write`.
    """
    blocks = WholeBlocks()
    waiting = select.poll()
    waiting.register(connection, select.POLLIN)
    if out >= 0:
        # Without any event: it then says only that the other end of a pipe is gone.
        waiting.register(out, 0)
    if stop >= 0:
        waiting.register(stop, select.POLLIN)
    while True:
        if any(fd != connection.fileno() for fd, _ in waiting.poll()):
            return
        try:
            data = connection.recv(_READ_SIZE)
        except ConnectionResetError:
            return
        if not data:
            return
        if whole := blocks.take(data):
            write(whole)
