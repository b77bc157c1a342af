"""How documents are written into the ledger's tables."""

from __future__ import annotations

import json
import sqlite3
from functools import lru_cache
from typing import Any, Final

from tla_sim.host.documents import OutgoingDocument, recipient_of
from tla_sim.host.ledger.model import LedgerState
from tla_sim.protocol.documents.invoice import digest
from tla_sim.protocol.documents.verification import VerifiedFse

_COLUMNS: Final = (
    "mode",
    "owner_name",
    "patient",
    "recipient",
    "made_on",
    "prescribed_on",
    "total",
    "fund",
    "complementary",
    "insured",
    "to_pay",
    "third_party_amo",
    "third_party_amc",
    "invoice_digest",
)
_INSERT: Final = (
    f"INSERT INTO main.documents (owner, number, kind, state, reader, {', '.join(_COLUMNS)})"
    f" VALUES ({', '.join('?' * (5 + len(_COLUMNS)))})"
)
_REPLACE: Final = (
    f"UPDATE main.documents SET {' = ?, '.join(_COLUMNS)} = ?, state = {int(LedgerState.PREPARED)},"
    " reader = '' WHERE id = ?"
)


def insert_document(
    database: sqlite3.Connection, document: OutgoingDocument, state: LedgerState, reader_serial: str
) -> int:
    """A new line with its invoice; its row id."""
    owner, number, kind = document.id
    done = database.execute(_INSERT, (owner, number, kind, int(state), reader_serial, *_values(document)))
    rowid = done.lastrowid or 0
    database.execute("INSERT INTO main.invoices VALUES (?, ?)", (rowid, document.content))
    return rowid


def replace_document(database: sqlite3.Connection, rowid: int, document: OutgoingDocument) -> None:
    """Other content in a line, which is PREPARED then and on no reader."""
    database.execute(_REPLACE, (*_values(document), rowid))
    database.execute("UPDATE main.invoices SET content = ? WHERE document = ?", (document.content, rowid))


def _values(document: OutgoingDocument) -> tuple[Any, ...]:
    invoice = document.invoice
    totals, cover, prescription = invoice.totals, invoice.coverage, invoice.prescription
    return (
        int(document.mode),
        f"{invoice.ps.last_name} {invoice.ps.first_name}".rstrip(),
        f"{invoice.patient.last_name} {invoice.patient.first_name}".rstrip(),
        recipient_of(invoice, document.kind),
        invoice.made_on.isoformat(),
        prescription.prescribed_on.isoformat() if prescription else None,
        totals.total,
        totals.fund,
        totals.complementary,
        totals.insured,
        totals.to_pay,
        int(cover.third_party_amo),
        int(cover.third_party_amc),
        digest(document.content),
    )


def signers_text(verified: VerifiedFse, *, last: bool = False) -> str:
    """Who signed an FSE, or who signed it last, as the history keeps it."""
    first = len(verified.signers) - 1 if last else 0
    notes = [
        _signer_text(int(block.role), signer.name, signer.serial)
        for block, signer in zip(verified.fse.blocks[first:], verified.signers[first:], strict=True)
    ]
    return f"[{','.join(notes)}]"


@lru_cache(4_096)
def _signer_text(role: int, name: str, serial: str) -> str:
    return json.dumps((role, name, serial))
