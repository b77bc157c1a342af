"""The French of the page's sentences, from the one catalogue."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Final

from tla_sim.tools.language.french import french_forms

_SCRIPTS: Final = Path(__file__).resolve().with_name("pages") / "js"
_LITERAL: Final = re.compile(r'"(?:[^"\\\n]|\\.)*"')
"""A JavaScript string in double quotes: as the page writes all its sentences."""
_BEFORE: Final = re.compile(r" (?=[:;!?»%€])")


@cache
def french_words() -> dict[str, str | list[str]]:
    """Return the French of each sentence in the page's scripts, by its English template.

    A sentence about a number of things has two forms, for one thing and for several.
    """
    found: dict[str, str | list[str]] = {}
    for script in sorted(_SCRIPTS.rglob("*.js")):
        for literal in _LITERAL.findall(script.read_text("utf-8")):
            text = json.loads(literal)
            forms = french_forms(text)
            if forms:
                tied = [_tie(each) for each in forms]
                found[text] = tied[0] if len(tied) == 1 else tied
    return found


def _tie(text: str) -> str:
    """Return a French text whose spaces beside punctuation do not break a line."""
    return _BEFORE.sub("\u00a0", text).replace("« ", "«\u00a0")
