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
from tla_sim.protocol.sentence import Joined, Sentence
from tla_sim.tools.fuzz.targets.registry import NAMES, target
from tla_sim.tools.language import Language, speak, translated
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
@pytest.mark.parametrize(
    ("english", "said"),
    [
        ("power   on", "courant mis"),
        ("cable   out", "câble   débranché"),
        (
            "  press KEY…              Press keys: 0 to 9, VAL, ANN, COR, UP, DOWN, MENU.",
            "  press TOUCHE…           Appuie sur des touches : 0 à 9, VAL, ANN, COR, UP, DOWN, MENU.",
        ),
        (
            "  power on|off  Use the switch. Off is a cut: only what is in the flash remains.",
            "  power on|off  Utilise l'interrupteur. Éteindre est une coupure : seul ce qui est dans la flash"
            " reste.",
        ),
        ("line 1: expect: a text is expected", "ligne 1 : expect : un texte est attendu"),
        (
            "wait: a number of milliseconds up to 60 is expected",
            "wait : un nombre de millisecondes jusqu'à 60 est attendu",
        ),
        ("Code porteur of MAYA (1 try left)", "Code porteur de MAYA (reste 1 essai)"),
        ("Code porteur of MAYA (3 tries left)", "Code porteur de MAYA (essais restants : 3)"),
        (
            "FSE 190305028 of 75600001 is COMPLETE; how it is billed cannot change any more",
            "FSE 190305028 de 75600001 est CERTIFIÉE ; son mode de facturation ne peut plus changer",
        ),
        (
            "FSE 1 of 2 has other content in the practice file (a) than in the ledger (b),"
            " where it is LOADED",
            "FSE 1 de 2 a un autre contenu dans le fichier du cabinet (a) que dans le registre (b),"
            " où elle est CHARGÉE",
        ),
        (
            "FSE 1 of 2 is LOADED and cannot become FINAL",
            "FSE 1 de 2 est CHARGÉE et ne peut pas devenir SIGNÉE",
        ),
        ("Invoice 1 is PARTIAL in the ledger already", "La facture 1 est déjà PARTIELLE dans le registre"),
        (
            "File a1 is SENT; nothing is to be settled",
            "Le fichier a1 est ENVOYÉ ; il n'y a rien à régler",
        ),
    ],
)
def test_sentences_are_french_to_the_end(english: str, said: str) -> None:
    assert translated(english) == said


@pytest.mark.usefixtures("in_french")
def test_every_fuzz_target_says_itself_in_french() -> None:
    summaries = [target(name).summary for name in NAMES]
    assert [each for each in summaries if translated(each) == each] == []


@pytest.mark.usefixtures("in_french")
@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        (
            Sentence("File {identity} is {state}; nothing is to be settled", identity="a1", state="SENT"),
            "Le fichier a1 est ENVOYÉ ; il n'y a rien à régler",
        ),
        (
            Sentence("{path} cannot be read: {reason}", path="x", reason="is a directory"),
            "x est illisible : c'est un dossier",
        ),
        (Sentence("{name} is absent", name="folder"), "folder is absent"),
        (Joined("; ", parts=["folder", Sentence("mail")]), "dossier; courriel"),
    ],
)
def test_a_sentence_is_said_by_its_template(sentence: Sentence, said: str) -> None:
    assert translated(sentence) == said
