"""How a query names an invoice: `owner:number`."""

from __future__ import annotations

from typing import Final

from tla_sim.host.ledger.desk_model import InvoiceName

INVOICE_NAME: Final = r"^[0-9]{1,9}:[0-9]{1,9}$"
"""The pattern of such a name."""


def invoice_name(text: str) -> InvoiceName:
    """Return the owner and the number that such a name has."""
    owner, _, number = text.partition(":")
    return owner, number
