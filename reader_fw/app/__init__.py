"""Log_SV, the reader's own software."""
