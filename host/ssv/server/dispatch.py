"""Calls to answers: every SSV function, and what carries it out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tla_sim.host.ssv.declaration import Function
from tla_sim.host.ssv.frames import Values, build_answer
from tla_sim.host.ssv.server.binding import Bound
from tla_sim.host.ssv.server.calls import (
    cards,
    formatting,
    identity,
    loading,
    lots,
    signing,
    translating,
    unloading,
    updating,
)
from tla_sim.host.ssv.server.workstation import Workstation

_TOPICS: Final = (
    identity,
    cards,
    loading,
    unloading,
    updating,
    formatting,
    signing,
    lots,
    translating,
)

CALLS: Final[Mapping[int, Bound]] = {each.function.number: each for topic in _TOPICS for each in topic.BOUND}
"""Every SSV function by its number, with what it does."""

FUNCTIONS: Final[Mapping[int, Function]] = {number: each.function for number, each in CALLS.items()}


def answer_call(work: Workstation, function: Function, values: Values) -> bytes:
    """Carry out a call and return the body of the answer. Raises TlaError when it cannot be carried out."""
    return build_answer(function, 0, CALLS[function.number].carry_out(work, values))
