"""What must hold, stated once for the explorer, the fuzzer and the tests.

Each invariant is a function whose docstring states it in a sentence; it raises Violation where that does not
hold.
"""
