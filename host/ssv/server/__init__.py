"""The server behind the C libraries: it holds the reader and the ledger, programs call it by a socket."""
