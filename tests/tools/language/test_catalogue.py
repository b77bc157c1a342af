"""Everything that `tla` says is in the French catalogue, and comes out in French with its values in place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from string import Formatter

import pytest

from tests.host.transport.galss.test_galss import SAMPLE
from tla_sim.host.transport.galss.configuration import configuration
from tla_sim.host.transport.galss.ports import check_ports
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.errors import CodecError, NoAnswer, StatusError, TlaError
from tla_sim.protocol.sentence import Joined, Quantity, Sentence
from tla_sim.tools.cli.usage import usage_sentence
from tla_sim.tools.language import Language, language_of_environment, localise, speak
from tla_sim.tools.language.french import MO
from tla_sim.tools.maintenance.catalogue import catalogue, list_untranslated, update_catalogue


@pytest.fixture
def in_french() -> Iterator[None]:
    """Everything in French for one test."""
    speak(Language.FR)
    yield
    speak(Language.EN)


def forms(text: str | Sequence[str] | None) -> list[str]:
    return [text] if isinstance(text, str) else list(text or ())


def test_no_sentence_is_missing_and_none_is_left_over() -> None:
    known, spoken = catalogue(), update_catalogue(catalogue())
    assert list_untranslated(spoken) == [], (
        "run python -m tla_sim.tools.maintenance.catalogue; translate its list"
    )
    left = {str(each.id) for each in known} - {str(each.id) for each in spoken}
    assert left == set(), "run python -m tla_sim.tools.maintenance.catalogue"


def test_french_has_the_places_of_the_english() -> None:
    def places(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name is not None}

    messages = [message for message in catalogue() if message.id]
    assert len(messages) > 500
    for message in messages:
        (english,) = {frozenset(places(each)) for each in forms(message.id)}
        assert all(places(each) == english for each in forms(message.string)), message.id


def test_what_is_compiled_is_what_is_written() -> None:
    from babel.messages.mofile import read_mo

    with MO.open("rb") as file:
        compiled = {tuple(forms(each.id)): forms(each.string) for each in read_mo(file) if each.id}
    written = {tuple(forms(each.id)): forms(each.string) for each in catalogue() if each.id}
    assert compiled == written, "run python -m tla_sim.tools.maintenance.catalogue"


@pytest.mark.usefixtures("in_french")
def test_every_status_word_says_itself_in_french() -> None:
    for status in Status:
        assert localise(status.en) == status.fr
        assert localise(status.en_action) == status.fr_action


@pytest.mark.usefixtures("in_french")
@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        (Sentence("The port {device} does not exist", device="/dev/x"), "Le port /dev/x n'existe pas"),
        (
            Sentence(
                "Version {version} lacks {lacking}",
                version="1.31",
                lacking=Joined(
                    " and ", [Sentence("partial certification"), Sentence("several owners at a time")]
                ),
            ),
            "Il manque à la version 1.31 : certification partielle et plusieurs titulaires à la fois",
        ),
        (
            Sentence(
                "The clock is {drift}: rights and cards are checked against a wrong date",
                drift=Sentence(
                    "{size} behind", size=Sentence("{hours} h {minutes:02} min", hours=2, minutes=5)
                ),
            ),
            "L'horloge est en retard de 2 h 05 min : droits et cartes sont jugés à une mauvaise date",
        ),
        (
            Sentence("{count:.1f} KiB", count=16.0),
            "16,0 Kio",
        ),
        (Quantity(1, "invoice"), "1 facture"),
        (Quantity(0, "invoice"), "0 facture"),
        (Quantity(12_345, "invoice"), "12\u00a0345 factures"),
        (
            Sentence("{invoices} loaded into the reader", invoices=Quantity(2, "invoice")),
            "Chargé dans le lecteur : 2 factures",
        ),
        (
            Sentence("{path} cannot be read: {reason}", path="a.pdf", reason="is a directory"),
            "a.pdf est illisible : c'est un dossier",
        ),
        (Joined("\n", ["folder", "mail"]), "dossier\ncourriel"),
        (Sentence("{what} again", what="folder"), "folder again"),
        (usage_sentence("No such command 'nope'."), "Commande inconnue « nope »"),
        (usage_sentence("in no form that is known."), "in no form that is known"),
        ("Rejected", "Rejetées"),
        ("TLA00000001", "TLA00000001"),
        ("memory:", "memory:"),
        ("", ""),
    ],
)
def test_sentences_come_out_with_their_values(sentence: str, said: str) -> None:
    assert localise(sentence) == said


@pytest.mark.usefixtures("in_french")
def test_names_and_data_are_never_said_otherwise() -> None:
    for name in ("MARTIN PAUL", "state: of things", "/home/no/reader", "190305028", "file", "port 4"):
        error = CodecError("{path} cannot be read: {reason}", path=name, reason="it is damaged")
        assert localise(error.message).startswith(f"{name} est illisible")


@pytest.mark.usefixtures("in_french")
def test_errors_are_translated_in_both_parts() -> None:
    error = StatusError(Status.TAMPERED, "Reader 7")
    assert localise(error.message) == "Reader 7 : Le lecteur a été ouvert"
    assert localise(error.action) == Status.TAMPERED.fr_action
    lost = Sentence("{reason}", reason=NoAnswer("No answer", "Try again"))
    assert localise(lost) == "Pas de réponse. Réessayez"


@pytest.mark.usefixtures("in_french")
def test_problems_of_galss_ini_are_french() -> None:
    found = configuration(SAMPLE.replace("PAD=2\n", "PAD=999\n").encode())
    assert localise(found.problems[0].text) == "PAD=999 n'est pas un nombre de 0 à 255"
    (moved,) = check_ports(found, lambda _: False, ["/dev/ttyUSB1"])
    assert localise(moved.action) == "Écrivez COM1=/dev/ttyUSB1 dans [MAP_DEVICE]"


def test_in_english_nothing_changes() -> None:
    assert localise("The reader does not answer") == "The reader does not answer"
    assert str(TlaError("Gone", "Plug it in")) == "Gone. Plug it in."


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({}, Language.EN),
        ({"LANG": "fr_FR.UTF-8"}, Language.FR),
        ({"LANG": "C.UTF-8"}, Language.EN),
        ({"LANG": "de_DE"}, Language.EN),
        ({"LANG": "fr_FR", "LC_ALL": "en_US"}, Language.EN),
        ({"LANG": "fr_FR", "TLA_LANG": "en"}, Language.EN),
        ({"LANG": "en_US", "TLA_LANG": "fr"}, Language.FR),
    ],
)
def test_the_environment_chooses(
    variables: dict[str, str], language: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TLA_LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert language_of_environment() is language
