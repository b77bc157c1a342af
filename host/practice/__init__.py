"""The practice file: reading it, checking it, and making prepared invoices from it."""
