"""What the desk adds to the ledger's file: marks, signatures, pieces, lots, files and their outcomes.

Digests are SHA-256 (32 bytes) and name contents kept beside the ledger (`tla_sim.host.desk.piece_store`).
Project-defined.
"""

from __future__ import annotations

from typing import Final

DESK_TABLES: Final = (
    """
    CREATE TABLE marks (
        owner TEXT NOT NULL,
        number TEXT NOT NULL,
        degraded INTEGER NOT NULL CHECK (degraded IN (0, 1)),
        rights TEXT NOT NULL,
        to_load INTEGER NOT NULL CHECK (to_load IN (0, 1)),
        on_paper INTEGER NOT NULL CHECK (on_paper IN (0, 1)),
        PRIMARY KEY (owner, number)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE rectifications (
        owner TEXT NOT NULL,
        number TEXT NOT NULL,
        rectified TEXT NOT NULL,
        rectified_on TEXT NOT NULL,
        PRIMARY KEY (owner, number),
        UNIQUE (owner, rectified)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE pieces (
        digest BLOB PRIMARY KEY,
        name TEXT NOT NULL,
        pages INTEGER NOT NULL,
        size INTEGER NOT NULL,
        at TEXT NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE attached (
        owner TEXT NOT NULL,
        number TEXT NOT NULL,
        piece BLOB NOT NULL REFERENCES pieces (digest),
        role INTEGER NOT NULL CHECK (role IN (1, 2, 3)),
        PRIMARY KEY (owner, number, piece)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE signatures (
        owner TEXT PRIMARY KEY,
        image BLOB,
        digital INTEGER NOT NULL CHECK (digital IN (0, 1))
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE files (
        id INTEGER PRIMARY KEY,
        identity TEXT NOT NULL UNIQUE,
        state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 5),
        kind INTEGER NOT NULL CHECK (kind IN (1, 2)),
        recipient TEXT NOT NULL,
        documents INTEGER NOT NULL,
        total INTEGER NOT NULL,
        digest BLOB NOT NULL,
        size INTEGER NOT NULL,
        made_at TEXT NOT NULL,
        way TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE lots (
        id INTEGER PRIMARY KEY,
        file INTEGER NOT NULL REFERENCES files (id),
        owner TEXT NOT NULL,
        number INTEGER NOT NULL,
        UNIQUE (owner, number)
    ) STRICT
    """,
    """
    CREATE TABLE lot_documents (
        document INTEGER PRIMARY KEY REFERENCES documents (id),
        lot INTEGER NOT NULL REFERENCES lots (id)
    ) STRICT
    """,
    "CREATE INDEX lot_documents_by_lot ON lot_documents (lot)",
    """
    CREATE TABLE file_events (
        id INTEGER PRIMARY KEY,
        file INTEGER NOT NULL REFERENCES files (id),
        state INTEGER NOT NULL,
        at TEXT NOT NULL,
        detail TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE outcomes (
        document INTEGER PRIMARY KEY REFERENCES documents (id),
        accepted INTEGER NOT NULL CHECK (accepted IN (0, 1)),
        code TEXT NOT NULL,
        reason TEXT NOT NULL,
        at TEXT NOT NULL
    ) STRICT
    """,
)

LEFT_OUT_TABLES: Final = (
    """
    CREATE TABLE left_out (
        piece BLOB PRIMARY KEY REFERENCES pieces (digest),
        original BLOB NOT NULL REFERENCES pieces (digest),
        numbers TEXT NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
)
"""Of a piece without the empty pages of its original: which, by number, with commas between."""
