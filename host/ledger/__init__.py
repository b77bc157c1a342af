"""The practice's ledger, in SQLite."""
