"""The practice file: read, checked, turned into prepared invoices."""
