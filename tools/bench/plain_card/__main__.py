"""The plain card at vpcd: `python -m tla_sim.tools.bench.plain_card vpcd PORT [late]`.

It is on PORT, and a Log_SV on the next, for the client to know the reader by. With `late` it leaves it to the
system when to acknowledge what it heard, as most programs do; vpcd then waits some 40 ms between the length
of a message and its data.
"""

from __future__ import annotations

import logging
import socket
import struct
import sys
import threading
from collections.abc import Callable
from typing import Final

from tla_sim.protocol.log_sv_atr import LOG_SV_ATR
from tla_sim.tools.bench.null_responders import vpcd as play_null
from tla_sim.tools.bench.plain_card.apdu import Answer, Command, Malformed, explained, shown
from tla_sim.tools.bench.plain_card.card import PlainCard
from tla_sim.tools.bench.plain_card.sample import sample_card

LOG: Final = logging.getLogger(__name__)

_QUICKACK: Final = getattr(socket, "TCP_QUICKACK", 12)


class Connection:
    """The card's end of the connection to vpcd."""

    def __init__(self, port: int, quick: bool) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._quick = quick
        if quick:
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, message: bytes) -> None:
        """Send a message."""
        self._socket.sendall(struct.pack("!H", len(message)) + message)

    def receive(self) -> bytes | None:
        """Wait for a message, and return it, or `None` when vpcd hung up."""
        header = self._read(2)
        if not header:
            return None
        (size,) = struct.unpack("!H", header)
        return self._read(size) if size else b""

    def _read(self, size: int) -> bytes:
        if self._quick:
            self._socket.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
        return self._socket.recv(size)


def trace(way: str, message: bytes, decode: Callable[[bytes], Command | Answer]) -> None:
    """Show an APDU twice: its bytes, and what they mean."""
    text = f"{len(message)} bytes {way}\n{shown(message)}"
    LOG.debug(text)
    try:
        text = f"{way}: {explained(message, decode(message))}"
    except Malformed as error:
        text = f"{way}: malformed, {error}"
    LOG.debug(text)


def serve(card: PlainCard, connection: Connection) -> None:
    """Play the card until vpcd hangs up."""
    while (message := connection.receive()) is not None:
        if len(message) == 1:
            if message[0] == 0x01:
                card.power_on()
            elif message[0] == 0x04:
                connection.send(card.atr)
            continue
        trace("heard", message, Command)
        answer = card.carry_out(message)
        trace("said", answer, Answer.decode)
        connection.send(answer)


def main(way: str, port: int, *options: str) -> None:
    """Play the card, and beside it a Log_SV with nothing but its answer to reset, until vpcd hangs up."""
    assert way == "vpcd"
    card = sample_card()
    threading.Thread(target=play_null, args=(port + 1, LOG_SV_ATR), daemon=True).start()
    serve(card, Connection(port, quick="late" not in options))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
