"""A transport around another one, such as a tap or a counter."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tla_sim.host.transport.base import Transport
from tla_sim.protocol.lad import Lad

if TYPE_CHECKING:
    from tla_sim.protocol.framing import Framing, Overheard


class PassingTransport(Transport):
    """A transport that passes everything on to `inner`. Subclasses override only what they change."""

    def __init__(self, inner: Transport) -> None:
        self._inner = inner

    @property
    def url(self) -> str:
        """The URL of the transport inside."""
        return self._inner.url

    @property
    def baud(self) -> int | None:
        """The speed of the line inside."""
        return self._inner.baud

    def answer_to_reset(self, lad: Lad) -> bytes:
        """Return what the transport inside knows."""
        return self._inner.answer_to_reset(lad)

    def watch(self, moved: Callable[[int], None]) -> None:
        """Call `moved` as the transport inside moves bytes."""
        self._inner.watch(moved)

    @property
    def framing(self) -> Framing | None:
        """How the transport inside frames its bytes."""
        return self._inner.framing

    def overhear(self, heard: Overheard) -> None:
        """Call `heard` with the bytes of the transport inside."""
        self._inner.overhear(heard)

    def transmit(self, apdu: bytes, lad: Lad = Lad.LOG_SV) -> bytes:
        """Exchange one APDU through the transport inside. Raises what that raises."""
        return self._inner.transmit(apdu, lad)

    def close(self) -> None:
        """Close the transport inside."""
        self._inner.close()
