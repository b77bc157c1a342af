"""Words of states, kinds and roles: each has its French one, and both languages say them everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

import pytest

from tla_sim.host.ledger.desk_model import FileState, PieceRole
from tla_sim.host.ledger.model import LedgerState
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.documents.kinds import Role, SecurityMode
from tla_sim.protocol.documents.words import FRENCH, french_word
from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.sentence import Joined, Sentence
from tla_sim.tools.fuzz.targets.registry import NAMES, target
from tla_sim.tools.language import Language, localise, speak
from tla_sim.tools.language.words import counted_word, word

CLASSES: tuple[type[Enum], ...] = (LedgerState, InvoiceState, FileState, SecurityMode, Role, PieceRole)


@pytest.fixture
def in_french() -> Iterator[None]:
    speak(Language.FR)
    yield
    speak(Language.EN)


def test_every_member_has_its_french_word_and_no_other_has() -> None:
    assert {each.__name__: {*each.__members__} for each in CLASSES} == {
        name: {*words} for name, words in FRENCH.items()
    }


@pytest.mark.usefixtures("in_french")
def test_words_are_said_in_the_language_spoken() -> None:
    assert word(LedgerState.LOADED) == french_word(LedgerState.LOADED) == "CHARGÉE"
    assert counted_word(2, LedgerState.PARTIAL) == "2 PARTIELLES"
    assert counted_word(1, LedgerState.PARTIAL) == "1 PARTIELLE"
    speak(Language.EN)
    assert word(FileState.TO_SEND) == "TO SEND"
    assert counted_word(2, LedgerState.PARTIAL) == "2 PARTIAL"


@pytest.mark.usefixtures("in_french")
def test_every_fuzz_target_says_itself_in_french() -> None:
    summaries = [target(name).summary for name in NAMES]
    assert [each for each in summaries if localise(each) == each] == []


@pytest.mark.usefixtures("in_french")
@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        (
            Sentence("File {file} is {state}; there is nothing to settle", file="a1", state="SENT"),
            "Le fichier a1 est ENVOYÉ ; il n'y a rien à régler",
        ),
        (
            Sentence("{path} cannot be read: {reason}", path="x", reason="is a directory"),
            "x est illisible : c'est un dossier",
        ),
        (
            Sentence(
                "{kind} {number} of {owner} is {state} and cannot become {step}",
                kind="FSE",
                number=1,
                owner=2,
                state="LOADED",
                step="FINAL",
            ),
            "FSE 1 de 2 est CHARGÉE et ne peut pas devenir SIGNÉE",
        ),
        (
            Sentence("{said} ({tries} tries left)", said=Sentence("Code porteur"), tries=3),
            "Code porteur (essais restants : 3)",
        ),
    ],
)
def test_a_sentence_is_said_by_its_template(sentence: Sentence, said: str) -> None:
    assert localise(sentence) == said


@pytest.mark.usefixtures("in_french")
def test_nothing_stays_nothing_wherever_it_stands() -> None:
    nothing = Sentence("")
    assert localise(Sentence("{where}{reason}", where=nothing, reason="x")) == "x"
    assert localise(Joined("", ["a", "", nothing, "b"])) == "ab"
    assert localise(Sentence("{error}", error=TlaError("x", ""))) == "x"


ODD = ("{path}", "{", "}", "100 %", "%s", 'l\'eau "x"', "a\nb", "\udcff.json", "\u202e", "")


@pytest.mark.usefixtures("in_french")
@pytest.mark.parametrize("odd", ODD)
def test_odd_values_are_said_as_they_are(odd: str) -> None:
    said = localise(Sentence("{path} cannot be read: {reason}", path=odd, reason=odd))
    assert said == f"{odd} est illisible : {odd}"
