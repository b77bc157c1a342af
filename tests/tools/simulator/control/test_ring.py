"""Rings: numbers go on, memory does not grow."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tla_sim.tools.simulator.control.ring import Ring


@given(
    st.integers(1, 7),
    st.lists(st.one_of(st.just("add"), st.just("clear"), st.tuples(st.integers(0, 40), st.integers(1, 9)))),
)
def test_a_ring_is_the_end_of_a_list(most: int, actions: list[str | tuple[int, int]]) -> None:
    ring: Ring[int] = Ring(most)
    every: list[int] = []
    gone = 0
    for action in actions:
        if action == "add":
            every.append(len(every) + 1)
            assert ring.add(every[-1]) == len(every)
        elif action == "clear":
            ring.clear()
            gone = len(every)
        elif isinstance(action, tuple):
            number, limit = action
            first = max(gone, len(every) - most)
            part = ring.after(number, limit)
            kept = [each for each in every[first:] if each > number][:limit]
            assert list(part.items) == kept
            assert part.missed == max(0, first - number)
            assert ring.after(part.next, limit).missed == 0
            if kept:
                assert part.next == kept[-1]
        assert ring.last == len(every)
        assert ring.first == max(gone, len(every) - most) + 1


def test_a_ring_keeps_no_more_than_it_may() -> None:
    ring: Ring[int] = Ring(100)
    for number in range(10_000):
        ring.add(number)
    assert len(ring._items) == 100
    assert ring.get(1) is None
    assert ring.get(10_000) == 9_999
