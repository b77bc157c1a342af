"""What must hold, stated once: the explorer, the fuzzer and the tests call it.

Each invariant is a function whose docstring says it in a sentence; it raises Violation where that does not
hold.
"""
