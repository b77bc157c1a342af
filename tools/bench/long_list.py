"""A ledger with a list of 50,000 documents, written directly: certifying them would take an hour."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from tla_sim.host.ledger.desk_model import PieceRole
from tla_sim.host.ledger.model import LedgerState

LISTED: Final = 50_000


def multiply(path: Path, count: int) -> None:
    """Write that many complete documents like the first one of a ledger; every other has a prescription."""
    values = (count, int(LedgerState.COMPLETE))
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
            " INSERT INTO documents (owner, number, kind, state, mode, reader, owner_name, patient,"
            " recipient, made_on, prescribed_on, total, fund, complementary, insured, to_pay,"
            " third_party_amo, third_party_amc, invoice_digest)"
            " SELECT owner, 200000000 + i, kind, ?, 1 + i % 2, reader, owner_name, 'PATIENT ' || (i % 977),"
            " recipient, date('2018-01-01', (i % 400) || ' days'), prescribed_on, total, fund,"
            " complementary, insured, to_pay, third_party_amo, third_party_amc, invoice_digest"
            " FROM documents, n",
            values,
        )
        database.execute("INSERT INTO pieces VALUES (x'00', 'p', 1, 1, '')")
        database.execute(
            "INSERT INTO attached SELECT owner, number, x'00', ? FROM documents WHERE id % 2 = 0",
            (int(PieceRole.PRESCRIPTION),),
        )
        database.execute("INSERT INTO signatures SELECT owner, x'00', 1 FROM documents LIMIT 1")
