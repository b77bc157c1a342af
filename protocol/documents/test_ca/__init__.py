"""Certificates of the TEST and SIMULATED REAL authorities that issue the simulator's cards; no secrets."""
