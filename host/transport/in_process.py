"""A reader inside this process, reached through a plain function that its owner supplies."""

from __future__ import annotations

from collections.abc import Callable

from tla_sim.host.transport.base import BadUrl, Transport
from tla_sim.protocol.errors import PortUnavailable
from tla_sim.protocol.lad import Lad

Exchange = Callable[[Lad, bytes], bytes]

_OFFERED: dict[str, Exchange] = {}


class InProcessTransport(Transport):
    """A transport whose exchanges are calls of `exchange(lad, apdu)`, which returns the response APDU or
    raises `LinkError`.

    `on_close` is called once, when the transport is closed. `atr_of` returns the answer to reset of the card
    in a slot, empty without one.
    """

    def __init__(
        self,
        exchange: Exchange,
        url: str = "memory:",
        on_close: Callable[[], None] | None = None,
        atr_of: Callable[[Lad], bytes] = lambda _: b"",
    ) -> None:
        self._atr_of = atr_of
        self._exchange: Exchange | None = exchange
        self._url = url
        self._on_close = on_close

    @property
    def url(self) -> str:
        """The URL that it was opened with."""
        return self._url

    def answer_to_reset(self, lad: Lad) -> bytes:
        """Return the answer to reset of Log_SV, or of the card in a slot."""
        return super().answer_to_reset(lad) or self._atr_of(lad)

    def transmit(self, apdu: bytes, lad: Lad = Lad.LOG_SV) -> bytes:
        """Exchange one APDU. Raises `PortUnavailable` once closed, and whatever `exchange` raises."""
        if self._exchange is None:
            raise PortUnavailable("{url} is closed", "Open it again", url=self._url)
        return self._exchange(lad, apdu)

    def close(self) -> None:
        """Release the reader."""
        self._exchange = None
        on_close, self._on_close = self._on_close, None
        if on_close is not None:
            on_close()


def offer(name: str, exchange: Exchange) -> None:
    """Make `memory:NAME` open this reader until `withdraw`. Raises `ValueError` when the name is taken."""
    if name in _OFFERED:
        raise ValueError(f"memory:{name} is taken")
    _OFFERED[name] = exchange


def withdraw(name: str) -> None:
    """Withdraw an offered reader."""
    _OFFERED.pop(name, None)


def open_memory(url: str) -> InProcessTransport:
    """Return the transport of `memory:NAME`.

    Raises `BadUrl` without a name, `PortUnavailable` when no reader is offered under it.
    """
    name = url.partition(":")[2]
    if not name:
        raise BadUrl("'{url}' does not name a reader", "Write memory:NAME", url=url)
    exchange = _OFFERED.get(name)
    if exchange is None:
        raise PortUnavailable("There is no reader at {url}", "Offer one under this name first", url=url)
    return InProcessTransport(exchange, url)
