"""Shrink a failing case: fewer steps first, then shorter and simpler bytes, while the cause stays the same.

Source: delta debugging (Zeller and Hildebrandt, 2002), over the steps and then over the bytes of each.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tla_sim.tools.fuzz.case import Case, Step

BUDGET: Final = 600
"""The most runs that shrinking one case may take."""

Fails = Callable[[Case], bool]


class _Budget:
    def __init__(self, fails: Fails, runs: int) -> None:
        self._fails = fails
        self.left = runs

    def fails(self, case: Case) -> bool:
        """Return whether the case still fails in the same way; False once the budget is used up."""
        if self.left <= 0:
            return False
        self.left -= 1
        return self._fails(case)


def shrink(case: Case, fails: Fails, runs: int = BUDGET) -> Case:
    """Return the smallest case found that still fails; `fails` also compares the cause."""
    budget = _Budget(fails, runs)
    case = _drop_steps(case, budget)
    for at in range(len(case)):
        case = _shorten_data(case, at, budget)
    return _drop_steps(case, budget)


def _drop_steps(case: Case, budget: _Budget) -> Case:
    size = max(len(case) // 2, 1)
    while size:
        at = 0
        while at < len(case):
            shorter = case[:at] + case[at + size :]
            if shorter and budget.fails(shorter):
                case = shorter
            else:
                at += size
        size //= 2
    return case


def _shorten_data(case: Case, at: int, budget: _Budget) -> Case:
    step = case[at]

    def with_data(data: bytes) -> Case:
        return (*case[:at], Step(step.act, step.arg, data), *case[at + 1 :])

    data = step.data
    size = max(len(data) // 2, 1)
    while size:
        start = 0
        while start < len(data):
            shorter = data[:start] + data[start + size :]
            if budget.fails(with_data(shorter)):
                data = shorter
            else:
                start += size
        size //= 2
    if len(data) <= 64:
        for index in range(len(data)):
            simpler = data[:index] + b"\0" + data[index + 1 :]
            if data[index] and budget.fails(with_data(simpler)):
                data = simpler
    return with_data(data)
