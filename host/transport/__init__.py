"""Ways to a reader, by URL.

    serial:DEVICE?baud=9600    socket://HOST:PORT    rfc2217://HOST:PORT    pcsc:NAME    galss:NAME
    memory:NAME

`register` adds a scheme; the tools add `state:DIR`, a reader inside this process.
"""

from __future__ import annotations

from collections.abc import Callable

from tla_sim.host.transport.base import BadUrl, Transport

__all__ = ["BadUrl", "Opener", "Transport", "open_transport", "register", "schemes"]

Opener = Callable[[str], Transport]


def _line(url: str) -> Transport:
    from tla_sim.host.transport.line_url import open_line

    return open_line(url)


def _memory(url: str) -> Transport:
    from tla_sim.host.transport.in_process import open_memory

    return open_memory(url)


def _pcsc(url: str) -> Transport:
    from tla_sim.host.transport.pcsc import open_pcsc

    return open_pcsc(url)


def _galss(url: str) -> Transport:
    from tla_sim.host.transport.galss.named import resolve

    return open_transport(resolve(url))


_OPENERS: dict[str, Opener] = {
    "galss": _galss,
    "serial": _line,
    "socket": _line,
    "rfc2217": _line,
    "pcsc": _pcsc,
    "memory": _memory,
}


def register(scheme: str, opener: Opener) -> None:
    """Let `scheme:…` be opened by `opener(url)`. Raises ValueError when the scheme is taken."""
    if _OPENERS.setdefault(scheme, opener) is not opener:
        raise ValueError(f"the scheme {scheme}: is taken")


def schemes() -> tuple[str, ...]:
    """The schemes that can be opened, sorted."""
    return tuple(sorted(_OPENERS))


def open_transport(url: str) -> Transport:
    """The transport that a URL names, opened; the reader itself is not spoken to yet.

    Raises BadUrl when the URL is wrong, PortUnavailable when its port is absent or busy.

        >>> with tla_sim.open_transport("state:reader") as transport:
        ...     tla_sim.ReaderClient(transport).identify().minor
        40
    """
    scheme, colon, _ = url.partition(":")
    opener = _OPENERS.get(scheme.lower()) if colon else None
    if opener is None:
        known = ", ".join(f"{name}:" for name in schemes())
        raise BadUrl(f"'{url}' names no way to a reader", f"Begin it with one of {known}")
    return opener(url)
