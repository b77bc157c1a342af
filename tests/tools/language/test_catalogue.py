"""Everything that `tla` says is in the French catalogue, and comes out in French with its values in place."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.host.transport.galss.test_galss import SAMPLE
from tla_sim.host.transport.galss.configuration import configuration
from tla_sim.host.transport.galss.ports import check_ports
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.errors import CodecError, StatusError, TlaError
from tla_sim.tools.explore.explorations import EXPLORATIONS
from tla_sim.tools.language import Language, language_of_environment, speak, translated
from tla_sim.tools.language.catalogue import MO, french
from tla_sim.tools.maintenance.catalogue import catalogue
from tla_sim.tools.maintenance.sentences import sentences


@pytest.fixture
def in_french() -> Iterator[None]:
    """Everything in French for one test."""
    speak(Language.FR)
    yield
    speak(Language.EN)


def test_no_sentence_is_missing() -> None:
    known = {str(message.id): message.string for message in catalogue() if message.id}
    missing = {text: place for text, place in sentences().items() if not known.get(text)}
    assert missing == {}, "run python -m tla_sim.tools.maintenance.catalogue and translate what it lists"


def test_no_sentence_has_lost_a_value() -> None:
    for message in catalogue():
        english, said = str(message.id), str(message.string)
        values = said.count("{}") or len(frozenset(re.findall(r"\{(\w+)(?:[:!][^{}]*)?\}", said)))
        assert values == len(frozenset(re.findall(r"\{\w[^{}]*\}", english))) + english.count("{}"), english


def test_what_is_compiled_is_what_is_written() -> None:
    from babel.messages.mofile import read_mo

    with MO.open("rb") as file:
        compiled = {str(message.id): message.string for message in read_mo(file) if message.id}
    assert compiled == {str(message.id): message.string for message in catalogue() if message.id}


@pytest.mark.usefixtures("in_french")
def test_every_status_word_says_itself_in_french() -> None:
    for status in Status:
        assert translated(status.en) == status.fr
        assert translated(status.en_action) == status.fr_action


@pytest.mark.usefixtures("in_french")
@pytest.mark.parametrize(
    ("english", "said"),
    [
        ("The port /dev/ttyUSB0 does not exist", "Le port /dev/ttyUSB0 n'existe pas"),
        ("'foo:' names no way to a reader", "« foo: » ne nomme aucun chemin vers un lecteur"),
        ("Version 1.31 lacks partial certification", "Il manque à la version 1.31 : certification partielle"),
        (
            "Version 1.31 lacks partial certification and several owners at a time",
            "Il manque à la version 1.31 : certification partielle et plusieurs titulaires à la fois",
        ),
        (
            "The clock is 2 h 05 min behind: rights and cards are judged at a wrong date",
            "L'horloge est en retard de 2 h 05 min : droits et cartes sont jugés à une mauvaise date",
        ),
        (
            "16.0 KiB sent, 4.0 KiB were there already, 2 cuts on the way.",
            "Envoyé : 16,0 Kio, 4,0 Kio y étaient déjà, 2 coupures en cours de route.",
        ),
        ("12 readers: à jour 3, injoignable 2", "12 lecteurs : à jour 3, injoignable 2"),
        ("The reader does not answer (SSV 0400)", "Le lecteur ne répond pas (SSV 0400)"),
        (
            "FSE 190305028 of 05/03/2019 is prepared dégradée.",
            "FSE 190305028 du 05/03/2019 est préparée dégradée.",
        ),
        (
            "FSE and DRE 190306001 of 06/03/2019 are prepared dégradée, rectifying 190221023.",
            "FSE et DRE 190306001 du 06/03/2019 sont préparées dégradées, rectifiant 190221023.",
        ),
        ("It goes into the TLA with the next push.", "Elle part dans le TLA au prochain chargement."),
        (
            "It is signed with: tla certify --invoice 190305028.",
            "Elle se signe avec : tla certify --invoice 190305028.",
        ),
        (
            "File 07ec77c9c7244566, as read before: 3 documents accepted, 1 rejected.",
            "Fichier 07ec77c9c7244566, déjà lu auparavant. Acceptés : 3 documents ; rejetés : 1.",
        ),
        (
            "acts[2].price (line 9): found nothing, expected a coefficient such as 4.5",
            "acts[2].price (ligne 9) : rien trouvé ; attendu : un coefficient comme 4.5",
        ),
        (
            "acts[2].code (line 9): found 'nothing', expected a coefficient such as 4.5",
            "acts[2].code (ligne 9) : trouvé : 'nothing' ; attendu : un coefficient comme 4.5",
        ),
        ("Rejected", "Rejetées"),
        ("folder", "dossier"),
        ("mail", "courriel"),
        (
            "FSE 1 of 2 is COMPLETE and cannot become LOADED",
            "FSE 1 de 2 est CERTIFIÉE et ne peut pas devenir CHARGÉE",
        ),
        (
            "in the practice file (A) than in the ledger (B), where it is TRANSMITTED",
            "dans le fichier du cabinet (A) que dans le registre (B), où elle est TRANSMISE",
        ),
        (
            "Plug the reader in, then look again; if it is another one, write Caracteristiques=T 00",
            "Branchez le lecteur, puis recommencez ; si c'est un autre, écrivez Caracteristiques=T 00",
        ),
        ("2 invoices loaded into the reader", "Chargé dans le lecteur : 2 factures"),
        ("Wrong code porteur (2 tries left)", "Code porteur faux (essais restants : 2)"),
        ("/tmp/galss.ini line 13: PAD=256 is no number from 0 to 255. Correct PAD.", None),
        ("/tmp/x: No such file or directory", "/tmp/x : Fichier ou dossier introuvable"),
        ("a.pdf cannot be read: is a directory", "a.pdf est illisible : c'est un dossier"),
        ("x.tlafw: This image is for another type of reader: TLA", None),
        ("4.0 KiB sent, 1 cut on the way.", "Envoyé : 4,0 Kio, 1 coupure en cours de route."),
        ("9 documents: 9 LOADED", "9 documents : 9 LOADED"),
        (
            "VITALE signature: Vitale of LEA\nTITULAIRE signature: CPS of PAUL",
            "signature VITALE : Vitale de LEA\nsignature TITULAIRE : CPS de PAUL",
        ),
        ("  screen                  Show the screen.", "  screen                  Montre l'écran."),
        ("cps     no card", "cps     pas de carte"),
        (
            "line 1: expected 'X'; the screen showed\n  |ATTENTE ORDRE|",
            "ligne 1 : attendu 'X' ; l'écran montrait\n  |ATTENTE ORDRE|",
        ),
        ("12,345 invoices", "12\u00a0345 factures"),
        ("16.0 KiB", "16,0 Kio"),
        ("No such command 'nope'", "Commande inconnue « nope »"),
        ("It can do: DRE, update over the cable", "Il sait faire : DRE, mise à jour par le câble"),
        ("TLA00000001", "TLA00000001"),
        ("memory:", "memory:"),
        ("", ""),
    ],
)
def test_sentences_come_out_with_their_values(english: str, said: str | None) -> None:
    found = translated(english)
    if said is None:
        assert found != english
        for value in re.findall(r"\d+|/tmp/galss\.ini|x\.tlafw", english):
            assert value in found
        assert not re.search(r"This|image is|reader|line", found)
    else:
        assert found == said


@pytest.mark.usefixtures("in_french")
def test_names_and_data_are_never_said_otherwise() -> None:
    for name in ("MARTIN PAUL", "state: of things", "/home/no/reader", "190305028", "file", "port 4"):
        error = CodecError(f"These bytes are no {name}: state")
        assert name.split(":")[0] in translated(error.message)


@pytest.mark.usefixtures("in_french")
def test_names_that_must_be_typed_stay_as_they_are() -> None:
    said = translated(f"Only these of: {', '.join(EXPLORATIONS)}.")
    assert said.endswith(f"{', '.join(EXPLORATIONS)}.")


@pytest.mark.usefixtures("in_french")
def test_only_a_number_stands_before_what_is_counted() -> None:
    assert translated("another reader") == "another reader"
    assert translated("3 readers") == "3 lecteurs"


@pytest.mark.usefixtures("in_french")
def test_errors_are_translated_in_both_parts() -> None:
    error = StatusError(Status.TAMPERED, "Reader 7")
    assert translated(error.message) == "Reader 7 : Le lecteur a été ouvert"
    assert translated(error.action) == Status.TAMPERED.fr_action


@pytest.mark.usefixtures("in_french")
def test_problems_of_galss_ini_are_french() -> None:
    found = configuration(SAMPLE.replace("PAD=2\n", "PAD=999\n").encode())
    assert translated(found.problems[0].text) == "PAD=999 n'est pas un nombre de 0 à 255"
    (moved,) = check_ports(found, lambda _: False, ["/dev/ttyUSB1"])
    assert translated(moved.action) == "Écrivez COM1=/dev/ttyUSB1 dans [MAP_DEVICE]"


def test_in_english_nothing_changes() -> None:
    assert translated("The reader does not answer") == "The reader does not answer"
    assert str(TlaError("Gone", "Plug it in")) == "Gone. Plug it in."


@pytest.mark.usefixtures("in_french")
def test_a_strange_text_costs_no_time() -> None:
    assert french().sentence("a, b; c: d. " * 200)


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
