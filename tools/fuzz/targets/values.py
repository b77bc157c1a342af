"""Target: typed values of `protocol`, sound and unsound, built and read back.

The target `files` starts from bytes; this one chooses fields, so that builders are judged, too: a value is
refused with a typed error, or reads back as it was built.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.fuzz.case import Case, Step
from tla_sim.tools.fuzz.chance import BytesChance, Chance, pick
from tla_sim.tools.fuzz.targets import value_declarations, value_documents, value_messages
from tla_sim.tools.fuzz.targets.base import Notes, Target

_KINDS: Final[dict[str, Callable[[Chance], None]]] = {
    **value_messages.KINDS,
    **value_documents.KINDS,
    **value_declarations.KINDS,
}
_RECIPE: Final = 160
"""The bytes that one value's choices are read from; any further choice is the first of its kind."""


class ValuesTarget(Target):
    """Values chosen field by field, built and read back."""

    name = "values"
    unit = "value"
    summary = Sentence("typed values of the protocol, built and read back")
    acts = tuple(_KINDS)

    def generate(self, chance: Chance) -> Case:
        """Choose one to six values."""
        return tuple(
            Step(pick(chance, self.acts), "", chance.data(_RECIPE)) for _ in range(1 + chance.below(6))
        )

    def run(self, case: Case, notes: Notes) -> None:
        """Build each value and read it back."""
        for step in case:
            try:
                _KINDS[step.act](BytesChance(step.data))
                outcome = "taken"
            except TlaError as error:
                str(error)
                outcome = "refused"
            notes.saw(step.act, outcome)

    def declared(self) -> tuple[tuple[str, str], ...]:
        """Return each kind as taken and as refused."""
        return tuple((kind, outcome) for kind in _KINDS for outcome in ("taken", "refused"))
