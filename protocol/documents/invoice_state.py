"""The states of an invoice's life."""

from __future__ import annotations

from enum import IntEnum


class InvoiceState(IntEnum):
    """The states of an invoice, on the reader and after it.

    LOADED: prepared, not signed. PARTIAL: signed by the Vitale and another PS card than the titulaire's.
    COMPLETE: signed by the Vitale and the titulaire at once, or by the titulaire alone if degraded. FINAL: a
    PARTIAL one that the titulaire signed afterwards, which only the host's ledger holds. CANCELLED: given up
    on the round before any signature. Numbers are Project-defined.
    """

    LOADED = 1
    PARTIAL = 2
    COMPLETE = 3
    FINAL = 4
    CANCELLED = 5
