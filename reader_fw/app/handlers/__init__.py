"""One file a topic of commands: what Log_SV does with each."""
