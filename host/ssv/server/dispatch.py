"""Calls to answers: find the function, carry it out, turn each failure into its code."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Final

from tla_sim.host.ssv.declaration import Function
from tla_sim.host.ssv.failure import code_of
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
from tla_sim.protocol.errors import TlaError

_LOG: Final = logging.getLogger("tla_sim.ssv")

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
    """Return the body of the answer to a call. Never raises TlaError."""
    try:
        return build_answer(function, 0, CALLS[function.number].carry_out(work, values))
    except TlaError as error:
        _LOG.info("%s: %s", function.name, error.message)
        return build_answer(function, code_of(error, repeatable=function.repeatable))
