"""The reference model of Log_SV: its rules as tables over plain facts, no bytes, no cryptography."""
