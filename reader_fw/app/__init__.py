"""Log_SV, the reader's own software: its commands, screens, store and versions."""
