"""What the reader keeps in its flash: invoices, keys and settings."""
