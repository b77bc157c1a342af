"""Guess the code porteur, with power cuts around the card's writes that might win more tries.

Whatever the cuts, a card compares three guesses at most; then it is blocked, for the right code too. Source:
three tries in a row are the field's rule; the cuts are Project-defined.
"""

from __future__ import annotations

from typing import Final

from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.errors import StatusError, TlaError
from tla_sim.protocol.sentence import Sentence
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.cast.people import CODE, MAYA
from tla_sim.tools.explore.scratch import scratch
from tla_sim.tools.explore.world import World
from tla_sim.tools.faults.plan import Fault, FaultPlan

MAX_TRIES: Final = 3
GUESSES: Final = 9
_CUTS: Final = ("", "before", "after")
PATTERNS: Final = len(_CUTS) ** 5
"""One for each way to treat the first five writes of the card's memory: no cut, cut before, cut after."""


def plan_of(pattern: int) -> FaultPlan:
    """Return the plan with the cuts of a pattern."""
    faults = []
    for write in range(5):
        moment = _CUTS[pattern // len(_CUTS) ** write % len(_CUTS)]
        if moment:
            faults.append(Fault("reader.tear", write, moment))
    return FaultPlan(pattern, tuple(faults))


def guess(plan: FaultPlan) -> str:
    """Guess nine times under a plan. Return what was violated, empty if nothing."""
    told_wrong = 0
    with scratch() as directory:
        world = World(directory, plan)
        try:
            for guessed in range(GUESSES):
                word = _present(world, f"{9_000 + guessed}")
                told_wrong += word is not None and word >> 4 == int(Status.CODE_WRONG) >> 4
                if told_wrong > MAX_TRIES:
                    return Sentence("the card told {count} times that a code was wrong", count=told_wrong)
            code = world.card_images[MAYA.name].code
            if code is None or code.tries_left:
                return Sentence(
                    "after {guesses} guesses the card still has {tries} tries",
                    guesses=GUESSES,
                    tries=code and code.tries_left,
                )
            if _present(world, CODE) == Status.OK:
                return Sentence("a blocked card took the right code")
        finally:
            world.close()
    return ""


def _present(world: World, code: str) -> int | None:
    """Present a code at the desk. Return the status word, `None` after a loss of power."""
    world.power_on()
    world.forget_cards()
    world.put(Slot.PS, MAYA.name)
    try:
        with world.connected() as client:
            client.verify_code(code)
    except StatusError as error:
        return error.word
    except TlaError:
        return None
    return int(Status.OK)
