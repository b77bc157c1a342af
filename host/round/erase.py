"""Erasing an owner's documents from a reader, and noting in the ledger that they are no longer there."""

from __future__ import annotations

from tla_sim.host.client import ReaderClient
from tla_sim.host.ledger.ledger import DocumentFilter, Ledger, LedgerState


def erase(client: ReaderClient, owner: str, ledger: Ledger | None = None) -> int:
    """Erase all documents of an owner (a billing number) on the reader; return how many there were.

    What the ledger has as loaded there may be loaded again, here or elsewhere. Raises `StatusError` when the
    authenticated card may not erase what was not pulled, `LinkError`, and errors of the ledger.

        >>> _ = tla_sim.push(client, ledger, practice, ["75629690"])
        >>> reader.insert_ps("PIQURE2969")
        >>> card = client.verify_code(reader.code)
        >>> tla_sim.erase(client, "75629690", ledger)
        5
    """
    serial = client.identify().serial_number
    removed = client.erase(owner)
    if ledger is not None:
        loaded = DocumentFilter(owner=owner, states=(LedgerState.LOADED,), reader=serial)
        ledger.record_unloaded([each.id for each in ledger.documents(loaded)], serial)
    return removed
