"""Where an invoice is in its life."""

from __future__ import annotations

from enum import IntEnum


class InvoiceState(IntEnum):
    """The states of an invoice, on the reader and after it.

    LOADED: prepared, no signature. PARTIAL: Vitale and another PS card signed. COMPLETE: signed by all
    whose signature it needs, the titulaire's in one go with the Vitale's. FINAL: a PARTIAL one that the
    titulaire signed afterwards; only ever on the host's ledger. CANCELLED: given up on the round before
    any signature. Numbers are Project-defined.
    """

    LOADED = 1
    PARTIAL = 2
    COMPLETE = 3
    FINAL = 4
    CANCELLED = 5
