"""The library says what is to be done in its own terms; the command line says with which verb."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.cli.app import VERBS
from tla_sim.tools.cli.failure import report
from tla_sim.tools.cli.remedies import REMEDIES, remedy

ROOT = Path(__file__).resolve().parents[3]
LIBRARY = ("protocol", "host", "reader_fw")
A_VERB = re.compile(rf"\btla ({'|'.join(VERBS)})\b|(?<![\w-])--[a-z][a-z-]+")


def texts(folder: str) -> Iterator[tuple[str, str]]:
    """Every text of a package that is no docstring, with its place."""
    for path in sorted((ROOT / folder).rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
                yield node.value, f"{path.relative_to(ROOT)}:{node.lineno}"


@pytest.mark.parametrize("folder", LIBRARY)
def test_no_text_of_the_library_names_a_verb_or_an_option(folder: str) -> None:
    assert [(place, text) for text, place in texts(folder) if A_VERB.search(text)] == []


def test_each_remedy_stands_for_something_that_is_said() -> None:
    said = {text for folder in (*LIBRARY, "tools/simulator", "tools/fuzz") for text, _ in texts(folder)}
    assert [each for each in REMEDIES if each not in said] == []


@pytest.mark.parametrize("worded", REMEDIES.values())
def test_each_remedy_names_verbs_and_options_that_there_are(worded: str) -> None:
    named = re.findall(r"\btla (\w+)", worded)
    assert [each for each in named if each not in VERBS] == []
    assert named or "--" in worded


def test_a_remedy_has_the_values_of_what_it_stands_for() -> None:
    error = TlaError("It is on a reader", "Erase it from the reader first", owner="75629690")
    assert remedy(error.action) == "Erase it from the reader first: tla erase --owner 75629690"


def test_what_has_no_verb_is_said_as_the_library_says_it() -> None:
    assert remedy(Sentence("Give it {count} times", count=2)) == "Give it 2 times"
    assert remedy("Update it") == "Update it"


def test_a_failure_is_told_with_its_remedy(capsys: pytest.CaptureFixture[str]) -> None:
    report(TlaError("It cannot become FINAL", "See in the ledger where it stands"))
    assert capsys.readouterr().err == "It cannot become FINAL. Look at: tla ledger.\n"
