"""One follower of a running reader: a bounded buffer in front of a socket that must never be waited for."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from typing import Final

MOST_BUFFERED: Final = 8 << 20
"""Bytes that wait for one follower at most (Project-defined); what comes beyond them is lost to it."""
_BLOCK_HEAD: Final = struct.Struct("<II")
_PACKET_HEAD: Final = struct.Struct("<IIIIIII")
_OPTION: Final = struct.Struct("<HH")
_LOST: Final = struct.Struct("<HHQ")
_PACKET_BLOCK: Final = 6
_DROPCOUNT: Final = 4


class FollowerGone(Exception):
    """The follower's end is closed."""


class Follower:
    """Takes whole pcapng blocks, and passes them on as its socket takes them.

    A packet that finds no room is lost; the next one that does tells how many were (epb_dropcount of pcapng,
    section 4.3). The blocks that describe file and interfaces are never lost: they are small, and few.
    `on_waiting` is called when something begins to wait.
    """

    def __init__(
        self, connection: socket.socket, on_waiting: Callable[[], None], most: int = MOST_BUFFERED
    ) -> None:
        self._connection = connection
        self._on_waiting = on_waiting
        self._most = most
        self._waiting = bytearray()
        self._untold = 0
        self.lost = 0

    @property
    def waiting(self) -> int:
        """The bytes that were not passed on yet."""
        return len(self._waiting)

    def write(self, blocks: bytes) -> None:
        """Take whole blocks; they are passed on by `send`."""
        if self._untold or len(self._waiting) + len(blocks) > self._most:
            blocks = self._fit(blocks)
            if not blocks:
                return
        begins = not self._waiting
        self._waiting += blocks
        if begins:
            self._on_waiting()

    def send(self) -> None:
        """Pass on what the socket takes now. Raises FollowerGone."""
        try:
            sent = self._connection.send(self._waiting)
        except BlockingIOError:
            return
        except OSError:
            raise FollowerGone from None
        del self._waiting[:sent]

    def _fit(self, blocks: bytes) -> bytes:
        kept = bytearray()
        for block in split_blocks(blocks):
            kind, _ = _BLOCK_HEAD.unpack_from(block)
            if kind != _PACKET_BLOCK:
                kept += block
                continue
            told = with_lost(block, self._untold) if self._untold else block
            if len(self._waiting) + len(kept) + len(told) > self._most:
                self._untold += 1
                self.lost += 1
            else:
                kept += told
                self._untold = 0
        return bytes(kept)


def split_blocks(blocks: bytes) -> list[bytes]:
    """Return whole pcapng blocks one by one."""
    found = []
    at = 0
    while at < len(blocks):
        _, size = _BLOCK_HEAD.unpack_from(blocks, at)
        found.append(blocks[at : at + size])
        at += size
    return found


def with_lost(block: bytes, count: int) -> bytes:
    """Return a packet block with the number of packets that were lost before it among its options."""
    size, captured = _PACKET_HEAD.unpack_from(block)[1], _PACKET_HEAD.unpack_from(block)[5]
    at = _PACKET_HEAD.size + captured + -captured % 4
    options = block[at:-4]
    more = _LOST.pack(_DROPCOUNT, 8, count) + (options or _OPTION.pack(0, 0))
    new = size - len(options) + len(more)
    head = block[:4] + struct.pack("<I", new)
    return head + block[8:at] + more + struct.pack("<I", new)
