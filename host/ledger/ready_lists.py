"""What is ready to be put into lots, and what is not yet, by whose it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tla_sim.host.ledger.codes import codes
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.ledger.model import TO_SEND, LedgerState
from tla_sim.protocol.documents.fse import DocumentKind, SecurityMode

_FSE: Final = int(DocumentKind.FSE)
_CLAIMED: Final = f"sum(CASE kind WHEN {_FSE} THEN total ELSE complementary END)"
_NOT_YET: Final = (LedgerState.PARTIAL, LedgerState.LOADED, LedgerState.PREPARED)


@dataclass(frozen=True, slots=True)
class ReadyGroup:
    """Documents of an owner, a recipient and a kind that may leave and are in no lot; their sum in cents."""

    recipient: str
    owner: str
    owner_name: str
    kind: DocumentKind
    count: int
    total: int


@dataclass(frozen=True, slots=True)
class HeldBackGroup:
    """Documents of an owner that may not leave yet, all for the same reason; their sum in cents."""

    owner: str
    owner_name: str
    state: LedgerState
    mode: SecurityMode
    count: int
    total: int


def ready_groups(ledger: Ledger) -> list[ReadyGroup]:
    """Return what has all its signatures, has not left and is in no lot, by recipient, owner and kind."""
    rows = ledger.database.rows(
        f"SELECT recipient, owner, max(owner_name) AS name, kind, count(*), {_CLAIMED} FROM documents"
        f" WHERE state IN ({codes(TO_SEND)}) AND id NOT IN (SELECT document FROM lot_documents)"
        " GROUP BY recipient, owner, kind"
        " ORDER BY fold_name(recipient), recipient, fold_name(name), owner, kind"
    )
    return [
        ReadyGroup(recipient, owner, name, DocumentKind(kind), count, total)
        for recipient, owner, name, kind, count, total in rows
    ]


def held_back_groups(ledger: Ledger) -> list[HeldBackGroup]:
    """Return what still lacks a signature, by owner, the nearest to its end first."""
    rows = ledger.database.rows(
        f"SELECT owner, max(owner_name) AS name, state, mode, count(*), {_CLAIMED} FROM documents"
        f" WHERE state IN ({codes(_NOT_YET)}) GROUP BY owner, state, mode"
        " ORDER BY state DESC, fold_name(name), owner, mode"
    )
    return [
        HeldBackGroup(owner, name, LedgerState(state), SecurityMode(mode), count, total)
        for owner, name, state, mode, count, total in rows
    ]
