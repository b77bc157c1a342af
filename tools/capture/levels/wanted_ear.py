"""Ears of a served reader, which listen to a line only while somebody wants its level."""

from __future__ import annotations

from collections.abc import Callable

from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.serve.spec import LinkSpec
from tla_sim.tools.capture.levels.listening import LineEar, framing_of, level_of
from tla_sim.tools.capture.reader_tap import ReaderTap


class WantedEar:
    """Listens to one line while `is_wanted` says so. Each time it begins anew.

    `make` is told whether the ear joins a line that something has crossed already: a code may be under way.
    """

    def __init__(self, make: Callable[[bool], LineEar], is_wanted: Callable[[], bool]) -> None:
        self._make = make
        self._is_wanted = is_wanted
        self._ear: LineEar | None = None
        self._is_used = False

    def heard(self, from_reader: bool, data: bytes) -> None:
        """Take bytes of the line."""
        if not self._is_wanted():
            self._ear = None
            self._is_used = True
            return
        if self._ear is None:
            self._ear = self._make(self._is_used)
        self._ear.heard(from_reader, data)

    def gone(self) -> None:
        """Tell what is half heard: the line was let go."""
        if self._ear is not None:
            self._ear.gone()


def ears_of(tap: ReaderTap) -> Callable[[LinkSpec, Lad | None, str], WantedEar | None]:
    """Return what `reader_fw/serve/server.py::Server` asks for an ear for each line that it serves."""
    pieces = _Pieces(tap)

    def ear(spec: LinkSpec, lad: Lad | None, name: str) -> WantedEar | None:
        level = level_of(spec.kind)
        if level is None:
            return None
        return WantedEar(
            lambda joined: LineEar(pieces, name, framing_of(spec), lad, joined=joined, clock=tap.now_ns),
            lambda: tap.wants(level),
        )

    return ear


class _Pieces:
    """Tells a tap of blocks and messages alone: it hears the APDUs itself."""

    def __init__(self, tap: ReaderTap) -> None:
        self.piece = tap.piece

    def reset(self, link: str, lad: Lad, atr: bytes, ns: int) -> None:
        """Do nothing."""

    def command(self, link: str, lad: Lad, apdu: bytes, ns: int) -> None:
        """Do nothing."""

    def answer(self, link: str, lad: Lad, response: bytes | None, ns: int) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""
