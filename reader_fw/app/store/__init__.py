"""What the reader keeps on its flash: invoices, key store, settings."""
