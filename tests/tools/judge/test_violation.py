"""A violation says what failed in one sentence, in either language, in any process."""

from __future__ import annotations

import copy
import json
import pickle

from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.fuzz.oracle import cause_of, describe_failure
from tla_sim.tools.judge.violation import Violation
from tla_sim.tools.language.french import to_french


def lost() -> Violation:
    return Violation("life", "a certified document is lost by {event}", "F12", event=Sentence("a key"))


def test_it_says_family_subject_and_detail() -> None:
    assert str(lost()) == describe_failure(lost()) == "life: a certified document is lost by a key (F12)"
    assert cause_of(lost()) == "life: a certified document is lost by a key"


def test_it_is_french_whole() -> None:
    assert to_french(describe_failure(lost())) == (
        "cycle de vie : un document certifié est perdu, après : une touche (F12)"
    )
    assert to_french(cause_of(lost())) == "cycle de vie : un document certifié est perdu, après : une touche"


def test_an_error_is_its_detail_in_both_languages() -> None:
    error = TlaError("Card {card} holds no invoice {number}", "Pull again", card=Sentence("a key"), number=3)
    assert (
        str(Violation("form", "not one signature or status for each content", error))
        == "form: not one signature or status for each content (Card a key holds no invoice 3. Pull again.)"
    )
    assert "une touche" in to_french(Violation("life", "what was on board is lost", error).told)


def test_it_stays_translatable_in_another_process_and_english_in_json() -> None:
    said = describe_failure(lost())
    for again in (pickle.loads(pickle.dumps(said)), copy.deepcopy(said)):
        assert again == said
        assert to_french(again) == to_french(said)
    assert json.loads(json.dumps(said)) == str(said)
