"""Transports whose exchanges are written to the log `tla_sim.transport`, with codes porteur blanked.

Nothing is logged unless the program asks `logging` for it, as `TLA_LOG=debug` does for `tla`. The lines hold
health data, as a trace does.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tla_sim.host.transport.base import Transport

LOG: Final = logging.getLogger("tla_sim.transport")
LOG.addHandler(logging.NullHandler())


def log_exchanges(transport: Transport) -> Transport:
    """Return the transport, wrapped so that its exchanges are logged if that log is enabled."""
    if not LOG.isEnabledFor(logging.DEBUG):
        return transport
    from tla_sim.host.transport.logging_tap import LoggingTap

    if isinstance(transport, LoggingTap):
        return transport
    LOG.debug("%s: opened", transport.url)
    return LoggingTap(transport)
