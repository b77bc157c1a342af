"""A flow beside its golden screens: which screens differ, and where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

from tla_sim.tools.testing.golden.flow import Flow, FlowScreen


@dataclass(frozen=True, slots=True)
class Difference:
    """A place where a flow differs: a golden screen, the one shown now, or one of them alone.

    `number` counts the screens of the flow from 1; for a screen that was never shown, the next one's.
    """

    number: int
    golden: FlowScreen | None
    shown: FlowScreen | None


def differences(golden: Flow, shown: Flow) -> tuple[Difference, ...]:
    """Return where a flow differs from its golden screens, in order.

    A screen that was added or left out is one difference; those after it are still compared with their own.
    """
    matcher = SequenceMatcher(
        None, [each.digest for each in golden], [each.digest for each in shown], autojunk=False
    )
    return tuple(
        difference
        for kind, *span in matcher.get_opcodes()
        if kind != "equal"
        for difference in _in_span(golden, shown, span)
    )


def _in_span(golden: Flow, shown: Flow, span: list[int]) -> Iterator[Difference]:
    first, last, begin, end = span
    pairs = zip_longest(golden[first:last], shown[begin:end])
    for number, (was, now) in enumerate(pairs, begin + 1):
        yield Difference(number, was, now)
