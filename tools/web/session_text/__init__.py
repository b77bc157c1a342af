"""A recorded session as text to paste: a visit script, calls of the HTTP API, or a pytest test."""
