"""The workstation's software: transports, the typed client, the loader, the ledger."""
