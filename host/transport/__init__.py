"""Transports to a reader, by URL.

    serial:DEVICE?baud=9600    socket://HOST:PORT    rfc2217://HOST:PORT    pcsc:NAME    galss:NAME
    memory:NAME

Installed packages add more: an entry point of the group `tla_sim.transports` names a scheme and the function
that opens its URLs (`tla_sim.host.transport.installed`). tla-sim itself adds `state:DIR` in this way, a
reader inside this process. `register` adds a scheme at run time.
"""

from __future__ import annotations

import importlib
from typing import Final, cast

from tla_sim.host.transport.base import BadUrl, Opener, Transport

__all__ = ["BadUrl", "Opener", "Transport", "open_transport", "register", "schemes"]

BUILT_IN: Final = {
    "galss": "tla_sim.host.transport.galss.named:open_galss",
    "memory": "tla_sim.host.transport.in_process:open_memory",
    "pcsc": "tla_sim.host.transport.pcsc:open_pcsc",
    "rfc2217": "tla_sim.host.transport.line_url:open_line",
    "serial": "tla_sim.host.transport.line_url:open_line",
    "socket": "tla_sim.host.transport.line_url:open_line",
}
"""The entry points of the host's own schemes, known without reading the installed packages."""

_registered: Final[dict[str, Opener]] = {}


def register(scheme: str, opener: Opener) -> None:
    """Have `opener(url)` open the URLs of a scheme in this process, before any installed opener.

    Raises `ValueError` when the scheme is built in or registered for another opener.
    """
    if scheme in BUILT_IN or _registered.setdefault(scheme, opener) is not opener:
        raise ValueError(f"the scheme {scheme}: is taken")


def schemes() -> tuple[str, ...]:
    """Return the schemes that can be opened, sorted: built in, registered and installed.

    Raises `BadUrl` when the installed entry points cannot be read.
    """
    from tla_sim.host.transport.installed import installed_schemes

    return tuple(sorted({*BUILT_IN, *_registered, *installed_schemes()}))


def open_transport(url: str) -> Transport:
    """Open the transport that a URL names and return it. Nothing is sent to the reader yet.

    Raises `BadUrl` when the URL is wrong or its opener is broken, `PortUnavailable` when the port is absent
    or busy.

        >>> with tla_sim.open_transport("state:reader") as transport:
        ...     tla_sim.ReaderClient(transport).identify().minor
        40
    """
    scheme, colon, _ = url.partition(":")
    opener = _opener(scheme.lower()) if colon else None
    if opener is None:
        known = ", ".join(f"{name}:" for name in schemes())
        raise BadUrl("'{url}' names no way to a reader", "Begin it with one of {known}", url=url, known=known)
    from tla_sim.host.transport.logged import log_exchanges

    return log_exchanges(opener(url))


def _opener(scheme: str) -> Opener | None:
    if scheme in BUILT_IN:
        module, _, name = BUILT_IN[scheme].partition(":")
        return cast(Opener, getattr(importlib.import_module(module), name))
    if scheme in _registered:
        return _registered[scheme]
    from tla_sim.host.transport.installed import installed_opener

    return installed_opener(scheme)
