"""tla in French: help, tables, errors, report; the reader's screens stay as they are."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from tests.tools.cli.command_line import ROOT, tla, tla_process
from tests.tools.cli.surgery import READER, Surgery
from tla_sim.tools.cli.app import VERBS
from tla_sim.tools.language import Language, language_of_environment


def test_a_failure_is_a_french_sentence_with_its_ssv_code(tmp_path: Path) -> None:
    result = tla("--lang", "fr", "identify", "--reader", f"serial:{tmp_path}/none")
    assert result.exit_code == 3
    assert "n'existe pas" in result.stderr
    assert "(SSV 800C)" in result.stderr


def test_the_next_command_is_english_again(tmp_path: Path) -> None:
    url = f"serial:{tmp_path}/none"
    assert "n'existe pas" in tla("identify", "--reader", url, TLA_LANG="fr").stderr
    assert "does not exist" in tla("identify", "--reader", url, TLA_LANG="en").stderr


def test_the_tests_speak_english_in_a_french_environment() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "0", f"{Path(__file__)}::{test_tests_quote_english.__name__}"],
        cwd=ROOT,
        env={**os.environ, "LANG": "fr_FR.UTF-8", "LANGUAGE": "fr", "TLA_LANG": "fr"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_tests_quote_english() -> None:
    assert "Usage" in tla_process("--help").stdout
    assert language_of_environment() is Language.EN


@pytest.mark.parametrize("name", VERBS)
def test_the_help_of_every_verb_is_french(name: str) -> None:
    module = importlib.import_module(f"tla_sim.tools.cli.{name}")
    help_text = typer.main.get_command(module.verb).help or ""
    first = " ".join(help_text.split("\n\n")[0].split())
    shown = [
        " ".join(tla(*lang, name, "--help").output.split()) for lang in (("--lang", "en"), ("--lang", "fr"))
    ]
    assert [first[:60] in each for each in shown] == [True, False]


def test_tables_and_facts_are_french(surgery: Surgery) -> None:
    said = surgery.tla("--lang", "fr", "diagnostics").stdout
    assert "compteur de signatures" in said
    assert "batterie" in said
    assert "ouvert" in said
    assert "numéro de série" in surgery.tla("--lang", "fr", "identify").stdout


def test_the_report_is_french(surgery: Surgery, tmp_path: Path) -> None:
    report = tmp_path / "rapport.html"
    result = surgery.tla("--lang", "fr", "check", "--reader", READER, "--report", report)
    assert result.exit_code == 1
    assert "horloge fausse" in result.stdout
    page = report.read_text("utf-8")
    assert '<html lang="fr">' in page
    assert "Contrôle des lecteurs portables" in page
    assert "tla clock --set now" in page


def test_json_for_programs_keeps_its_keys(surgery: Surgery) -> None:
    english = surgery.tla("identify", "--json").stdout
    assert surgery.tla("--lang", "fr", "identify", "--json").stdout == english


def test_in_a_process_the_option_may_stand_behind_the_verb_and_usage_is_french() -> None:
    done = tla_process("identify", "--nope", "--lang", "fr")
    assert done.returncode == 2
    assert done.stderr.startswith("Option inconnue")
    done = tla_process("--help", TLA_LANG="fr")
    assert "Commandes" in done.stdout
    assert "Affiche la version et quitte." in done.stdout


def test_a_language_that_is_not_spoken_is_wrong_usage() -> None:
    assert tla_process("--lang", "de", "profiles").returncode == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nope",), "Commande inconnue « nope ». Essayez : tla --help"),
        (("chek",), "Commande inconnue « chek ». Vouliez-vous dire 'check' ? Essayez : tla --help"),
        (("check", "--max-drift", "x"), "Valeur incorrecte pour '--max-drift' : il faut un nombre entier."),
        (("check", "--max-drift", "0"), "Valeur incorrecte pour '--max-drift' : il faut au moins 1."),
        (("check", "a"), "Argument en trop (a). Essayez : tla check --help"),
        (
            ("sim", "--link", "usb:1"),
            "« usb:1 » n'est pas une liaison. Écrivez pty:CHEMIN ou pty:CHEMIN?baud=9600, ",
        ),
        (("image", "show", "none"), "none est illisible : fichier ou dossier introuvable."),
    ],
)
def test_wrong_usage_is_french_to_the_end(arguments: tuple[str, ...], said: str) -> None:
    done = tla_process(*arguments, TLA_LANG="fr")
    assert done.returncode == 2
    assert done.stderr.startswith(said)


@pytest.mark.parametrize(("language", "what"), [("en", "FILE"), ("fr", "FICHIER")])
def test_the_help_names_values_in_words_and_no_python_types(language: str, what: str) -> None:
    said = tla_process("galss", "check", "--help", TLA_LANG=language).stdout
    assert f"--io-comm {what} " in said
    assert not re.search(r"<(bool|path|str)>", said)
