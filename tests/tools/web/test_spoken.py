from __future__ import annotations

import pytest

from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.language import Language
from tla_sim.tools.web.spoken import choose_language, say


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        ("", "en"),
        ("fr", "fr"),
        ("fr-CH, fr;q=0.9, en;q=0.8", "fr"),
        ("en-GB,en;q=0.9,fr;q=0.8", "en"),
        ("de, fr;q=0.5, en;q=0.4", "fr"),
        ("fr;q=0, en;q=0.1", "en"),
        ("fr;q=x, en", "en"),
        ("*", "en"),
        (";;;,,,q=", "en"),
    ],
)
def test_the_preferred_language_is_chosen(accepted: str, chosen: str) -> None:
    assert choose_language(accepted) is Language(chosen)


def test_a_sentence_is_said_in_the_language_asked_for() -> None:
    told = Sentence("There is no reader {name}", name="x")
    assert say(told, Language.EN) == "There is no reader x"
    assert say(told, Language.FR) == "Il n'y a pas de lecteur x"
