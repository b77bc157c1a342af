"""A PC/SC service that says one thing to whoever comes first."""

from __future__ import annotations

import socket
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import Self


class PcscService:
    """Its socket is at `path`. It takes one request, answers `answer` in pieces, and closes."""

    def __init__(self, answer: bytes, piece: int = 1_000) -> None:
        self.asked = b""
        self._answer = answer
        self._piece = piece
        self._folder = tempfile.TemporaryDirectory(prefix="pcsc-")
        self.path = Path(self._folder.name) / "socket"
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.path))
        self._listener.listen()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(10)
        self._listener.close()
        self._folder.cleanup()

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        with connection, suppress(OSError):
            self.asked = connection.recv(4_096)
            for at in range(0, len(self._answer), self._piece):
                connection.sendall(self._answer[at : at + self._piece])
