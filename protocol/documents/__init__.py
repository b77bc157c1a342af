"""Invoices, FSEs and lots, the certificates that sign them, and their verification."""
