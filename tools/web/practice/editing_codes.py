"""The codes that the forms of the practice propose, with their meanings in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from tla_sim.host.desk.codes import (
    ACTIVITIES,
    ASSOCIATIONS,
    EXONERATIONS,
    NATURES,
    PHASES,
    PRACTICE_MODES,
    QUALITIES,
    RIGHTS,
    Meanings,
)
from tla_sim.host.practice.act import CcamAct
from tla_sim.host.practice.model import Beneficiary, InvoiceCoverage, Situation
from tla_sim.host.practice.part import Part
from tla_sim.tools.language import Language
from tla_sim.tools.language.summary_words import say_summary
from tla_sim.tools.web.practice.editing_answers import CodeList, CodeWords

_OPEN: Final[Mapping[tuple[type[Part], str], Meanings]] = {
    (InvoiceCoverage, "nature"): NATURES,
    (InvoiceCoverage, "exoneration"): EXONERATIONS,
}
_CLOSED: Final[Mapping[tuple[type[Part], str], Meanings]] = {
    (InvoiceCoverage, "rights_source"): RIGHTS,
    (Beneficiary, "quality"): QUALITIES,
    (Situation, "practice_mode"): PRACTICE_MODES,
    (CcamAct, "activity"): ACTIVITIES,
    (CcamAct, "phase"): PHASES,
    (CcamAct, "association"): ASSOCIATIONS,
}


@cache
def codes_of_fields() -> dict[str, CodeList]:
    """Return the codes of each field that has some, by part and field as in the JSON Schema."""
    return {
        f"{part.__name__}.{field}": CodeList(closed=closed, codes=_worded(meanings))
        for closed, fields in ((False, _OPEN), (True, _CLOSED))
        for (part, field), meanings in fields.items()
    }


def _worded(meanings: Meanings) -> list[CodeWords]:
    return [
        CodeWords(
            code=str.__str__(code),
            words={"en": say_summary(text, Language.EN), "fr": say_summary(text, Language.FR)},
        )
        for code, text in meanings.items()
    ]
