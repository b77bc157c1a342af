"""Numbers of owners and invoices in the texts of a call."""

from __future__ import annotations

from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.failure import CallRefused


def check_number(text: str) -> None:
    """Check that a text is decimal digits or empty. Raises CallRefused with F802."""
    if text and not (text.isascii() and text.isdigit()):
        raise CallRefused(SsvCode.INPUT, "{text!r} is not a number", "Write digits only", text=text)
