"""The handlers of Log_SV's commands, one module per topic."""
