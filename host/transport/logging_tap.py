"""A transport that writes its exchanges to the log `tla_sim.transport`, with codes porteur blanked."""

from __future__ import annotations

import logging
from typing import Final

from tla_sim.host.transport.base import Transport
from tla_sim.host.transport.tap import TappedExchange, TapTransport
from tla_sim.protocol.trace import blank_code

_LOG: Final = logging.getLogger("tla_sim.transport")
_SHOWN_BYTES: Final = 32


class LoggingTap(TapTransport):
    """A transport that passes everything on to `inner` and logs each exchange as one line."""

    def __init__(self, inner: Transport) -> None:
        super().__init__(inner, self._log)

    def close(self) -> None:
        """Close the transport inside."""
        super().close()
        _LOG.debug("%s: closed", self.url)

    def _log(self, exchange: TappedExchange) -> None:
        command = _show(blank_code(exchange.lad, exchange.command))
        if exchange.response is not None:
            answer = _show(exchange.response)
        else:
            answer = type(exchange.error).__name__ if exchange.error is not None else "interrupted"
        ms = exchange.seconds * 1000
        _LOG.debug("%s: %s > %s < %s (%.1f ms)", self.url, exchange.lad.name, command, answer, ms)


def _show(data: bytes) -> str:
    if len(data) <= _SHOWN_BYTES:
        return data.hex(" ").upper()
    return f"{data[:_SHOWN_BYTES].hex(' ').upper()} … {len(data)} bytes"
