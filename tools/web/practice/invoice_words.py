"""Where an invoice stands, in a practice's words."""

from __future__ import annotations

from collections.abc import Iterable

from tla_sim.host.ledger.model import LedgerState
from tla_sim.protocol.documents.fse import DocumentKind, SecurityMode
from tla_sim.protocol.sentence import Joined, Sentence


def where_it_stands(
    states: Iterable[tuple[DocumentKind, LedgerState | None]],
    mode: SecurityMode,
    *,
    to_load: bool,
    in_lot: bool,
    owner_name: str,
    reader: str,
) -> str:
    """Return where an invoice stands; where its FSE and its DRE stand apart, each for itself."""
    degraded = mode is SecurityMode.DEGRADED
    said = {kind: _one(state, degraded, to_load, in_lot, owner_name, reader) for kind, state in states}
    if len(dict.fromkeys(said.values())) == 1:
        return next(iter(said.values()))
    return Joined(
        "; ", [Sentence("{kind}: {told}", kind=kind.name, told=told) for kind, told in said.items()]
    )


def _one(
    state: LedgerState | None, degraded: bool, to_load: bool, in_lot: bool, owner_name: str, reader: str
) -> str:
    match state:
        case None | LedgerState.PREPARED:
            if not degraded:
                return Sentence("Prepared, to be billed or loaded")
            if to_load:
                return Sentence("Prepared without Vitale, for loading")
            return Sentence("Prepared without Vitale, to be signed by {owner}", owner=owner_name)
        case LedgerState.LOADED:
            return Sentence("Loaded into reader {reader}", reader=reader)
        case LedgerState.PARTIAL:
            return Sentence("Partially secured, to be signed by {owner}", owner=owner_name)
        case LedgerState.CANCELLED:
            return Sentence("Given up on the round")
        case LedgerState.TRANSMITTED:
            return Sentence("Sent to its recipient")
        case _:
            return Sentence("In a file to be sent") if in_lot else Sentence("Ready to be sent")
