"""Lines of text from a descriptor, handed out one at a time while the serving loop runs."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final

from tla_sim.reader_fw.serve.channel import Loop

_READ_SIZE: Final = 4096
_LONGEST_LINE: Final = 65_536


class Lines:
    """Reads `fd` (terminal, pipe or file) and hands out its lines; longer ones than 64 KiB are split there.

    The descriptor stays open.
    """

    def __init__(
        self, loop: Loop, fd: int, on_line: Callable[[str], None], on_end: Callable[[], None]
    ) -> None:
        self._loop = loop
        self._fd = fd
        self._on_line = on_line
        self._on_end = on_end
        self._text = b""
        self._ended = False
        self._told_end = False
        self._busy = False
        self._pollable = True
        self._watching = False
        self._watch()

    def deliver(self) -> None:
        """Hand out the lines that have come, unless one is being handled."""
        if self._busy or self._told_end:
            return
        self._busy = True
        try:
            while not self._loop.stopped and (line := self._next_line()) is not None:
                # While a line is being handled, which may take time, the next ones stay in the descriptor.
                self._unwatch()
                self._on_line(line)
            if self._ended and not self._text:
                self._told_end = True
                self._on_end()
        finally:
            self._busy = False
        if not self._ended:
            self._watch()

    def close(self) -> None:
        """Stop reading."""
        self._unwatch()

    def _watch(self) -> None:
        if self._pollable and not self._watching:
            try:
                self._loop.watch(self._fd, self._read)
                self._watching = True
            except PermissionError:
                # A plain file is always ready, so there is nothing to wait for.
                self._pollable = False

    def _unwatch(self) -> None:
        if self._watching:
            self._loop.unwatch(self._fd)
            self._watching = False

    def _next_line(self) -> str | None:
        while True:
            line, newline, rest = self._text.partition(b"\n")
            if newline or len(line) >= _LONGEST_LINE or (self._ended and line):
                self._text = rest
                return line.decode("utf-8", "replace").rstrip("\r")
            if self._pollable or self._ended:
                return None
            self._read()

    def _read(self) -> None:
        try:
            data = os.read(self._fd, _READ_SIZE)
        except OSError:
            data = b""
        self._text += data
        if not data:
            self._ended = True
            self.close()
