"""One connection: bytes between a socket and its conversation, in a thread of its own."""

from __future__ import annotations

import logging
import os
import select
import socket
import struct
import time
from collections.abc import Callable
from typing import Final

from tla_sim.host.ssv.server.conversation import FRAME_S, Conversation

_LOG: Final = logging.getLogger("tla_sim.ssv")

_PIECE: Final = 65_536
"""Bytes received at once. Much more would be taken from the system, and given back, for each small call."""
_CREDENTIALS: Final = struct.Struct("3i")
"""Process, user and group of the peer. Source: Linux, unix(7), SO_PEERCRED."""


def peer_of(connected: socket.socket) -> tuple[int, int]:
    """Return the process and the user at the other end of a Unix socket."""
    raw = connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    process, user, _ = _CREDENTIALS.unpack(raw)
    return process, user


def may_call(user: int) -> bool:
    """Whether a user may call this server, or serve this program: the same one, or root."""
    return user in (os.geteuid(), 0)


def watch_hang_up(connected: socket.socket) -> Callable[[], bool]:
    """Return what says whether the other end of a Unix socket is closed by now.

    What it sent before may not have been read yet.
    """
    polled = select.poll()
    polled.register(connected, 0)

    def has_hung_up() -> bool:
        found = polled.poll(0)
        return bool(found) and found[0][1] & select.POLLHUP != 0

    return has_hung_up


def serve(connected: socket.socket, conversation: Conversation) -> None:
    """Carry a conversation until either side ends it; then close both.

    A program that vanishes while its call is carried out ends the connection when that is done.
    """
    heard = True
    try:
        while not conversation.ended:
            data = _receive(connected, conversation)
            if data is None:
                conversation.late()
            elif not data:
                break
            else:
                for answer in conversation.receive(data):
                    heard = False
                    _send(connected, answer, max(FRAME_S, conversation.patience))
                    heard = True
    except OSError:
        # The program is gone, or does not take its answer.
        pass
    except MemoryError:
        _LOG.warning("a connection is closed: there is not enough memory")
    finally:
        conversation.close(heard=heard)
        connected.close()


def _receive(connected: socket.socket, conversation: Conversation) -> bytes | None:
    """Return what came, empty at the end, `None` when the deadline has passed."""
    deadline = conversation.deadline
    left = None if deadline is None else deadline - time.monotonic()
    if left is not None and left <= 0:
        return None
    _limit(connected, left)
    try:
        return connected.recv(_PIECE)
    except TimeoutError:
        return None


def _send(connected: socket.socket, frame: bytes, seconds: float) -> None:
    """Send a frame. Raises OSError when the program is gone or does not take it in time."""
    try:
        # Nearly every answer fits into the socket's buffer, and then takes one system call.
        sent = connected.send(frame, socket.MSG_DONTWAIT)
    except BlockingIOError:
        sent = 0
    if sent < len(frame):
        _limit(connected, seconds)
        connected.sendall(memoryview(frame)[sent:])


def _limit(connected: socket.socket, seconds: float | None) -> None:
    """Limit how long the next calls wait; asking again for the same costs no system call."""
    if connected.gettimeout() != seconds:
        connected.settimeout(seconds)
