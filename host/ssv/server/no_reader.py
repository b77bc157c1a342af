"""No reader: what a call gets that is declared not to speak to it."""

from __future__ import annotations

from tla_sim.host.transport.base import Transport
from tla_sim.protocol.lad import Lad


class NoReader(Transport):
    """A transport that leads nowhere. Using it is a mistake in the declaration of the function."""

    url = "none:"

    def transmit(self, apdu: bytes, lad: Lad = Lad.LOG_SV) -> bytes:  # noqa: ARG002
        """Raise AssertionError."""
        raise AssertionError("the function is declared to need no reader")

    def close(self) -> None:
        """Do nothing."""
