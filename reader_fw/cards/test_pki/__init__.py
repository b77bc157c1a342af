"""Private keys of the TEST and SIMULATED REAL authorities, and a pool of keys for test cards.

They are public, like everything in this project, and worth nothing: whoever has the source can issue cards.
"""
