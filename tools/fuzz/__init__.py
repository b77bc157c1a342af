"""QA's instrument: generate from the declarations, judge by oracles, shrink, replay, report."""
