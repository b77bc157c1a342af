"""Serve a simulated reader: watch its screen, and name its links for hosts."""

from __future__ import annotations

from collections.abc import Callable

from tla_sim.protocol.lad import Lad
from tla_sim.protocol.t1.block import Edc
from tla_sim.reader_fw.board.display import Screen
from tla_sim.reader_fw.reader import Reader, ReaderPort
from tla_sim.reader_fw.serve import LinkSpec


class WatchedReader:
    """A reader as the serving loop drives it; `on_screen` is called whenever its screen changes."""

    def __init__(self, reader: Reader, on_screen: Callable[[Screen], None]) -> None:
        self._reader = reader
        self._on_screen = on_screen
        self._shown: Screen | None = None

    @property
    def on(self) -> bool:
        """Whether the reader is switched on."""
        return self._reader.on

    def attach(self, name: str) -> ReaderPort:
        """Plug a cable in and return its port."""
        return self._reader.attach(name)

    def follow(self, ms: int) -> None:
        """Let `ms` milliseconds pass at the reader, then look at the screen."""
        self._reader.follow(ms)
        self.look()

    def look(self, again: bool = False) -> None:
        """Report the screen if it has changed, or in any case with `again`."""
        screen = self._reader.display
        if again or screen != self._shown:
            self._shown = screen
            self._on_screen(screen)


def reader_url(spec: LinkSpec, address: str) -> str:
    """Return the URL of a reader served at `address`; empty for the far end of a real cable."""
    if spec.kind in ("ccid", "vpcd"):
        return "pcsc:" if Lad.LOG_SV in spec.slots else ""
    scheme = {"pty": "serial:", "tcp": "socket://"}.get(spec.kind)
    if scheme is None:
        return ""
    options = [f"baud={spec.baud}"] if spec.baud else []
    if spec.edc is not Edc.CRC:
        options.append(f"edc={spec.edc.value}")
    place = address.replace("%", "%25").replace("?", "%3F")
    return scheme + place + ("?" + "&".join(options) if options else "")
