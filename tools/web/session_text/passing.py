"""How much time passed at the reader in each input that lets time pass.

A reader that follows real time passes less than it is told: the time that cards took for what a person did
has passed already (`Reader.follow`). How much that was is seen from the clock at the screens that followed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from tla_sim.tools.simulator.history.inputs import REPEATABLE, Input, Op

_BY_HOSTS = (Op.BEGIN, Op.EXCHANGE, Op.POLL)
"""What takes time without having it count as passed already."""


def time_passed(
    inputs: Iterable[Input], first: int, clocks: Mapping[int, int], ahead_ms: int = 0
) -> Iterator[tuple[Input, int]]:
    """Yield each input with the ms that it lets pass.

    `first` is how many inputs came before, `clocks` the reader's clock, by the number of inputs, at each of
    its screens, `ahead_ms` how much time had passed already for the work of cards.
    """
    step, ahead, passed, by_hosts = first, ahead_ms, 0, False
    clock = clocks.get(first)
    for each in inputs:
        repeated = each.op in REPEATABLE
        ms = each.subject * each.number if repeated else 0
        if each.op is Op.FOLLOW:
            taken = min(ahead, ms)
            ahead -= taken
            ms -= taken
        yield each, ms
        step += each.subject if repeated else 1
        passed += ms
        by_hosts = by_hosts or each.op in _BY_HOSTS
        now = clocks.get(step)
        if now is None:
            continue
        if clock is not None and not repeated and not by_hosts:
            ahead += max(now - clock - passed, 0)
        clock, passed, by_hosts = now, 0, False
