"""The workstation's side: transports, the typed client, the loader, the ledger."""
