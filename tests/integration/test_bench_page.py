"""The page on the bench: what is typed on it does what it says, line by line."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest

from tests.named_places import ROOT

PAGE = (ROOT / "docs" / "how-to" / "bench.md").read_text("utf-8")
BLOCKS = re.findall(r"^```\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)

_ENDS = "trap 'kill $(jobs -p) 2>/dev/null; true' EXIT\n"
"""So that the bench ends with the shell, whatever else fails."""


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What the commands of the page print, typed in one shell where a bench has run before."""
    folder = tmp_path_factory.mktemp("bench")
    (folder / "bench.json").write_text('{"url": "http://127.0.0.1:1/"}\n')
    command = folder / "bin" / "tla"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tla_sim.tools.cli.entry "$@"\n')
    command.chmod(0o755)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(BLOCKS)],
        cwd=folder,
        env=os.environ | {"PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}", "TLA_LANG": "en"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


def answer_with(answers: list[str], field: str) -> dict[str, object]:
    """The first answer that has a field."""
    found = (json.loads(line) for line in answers if line.startswith("{"))
    return next(each for each in found if field in each)


def test_the_round_by_curl_reaches_the_ledger(answers: list[str]) -> None:
    assert len(BLOCKS) == 3
    loaded = answer_with(answers, "takes_others")["owners"]
    assert isinstance(loaded, list)
    assert sum(each["loaded"] for each in loaded) == 10
    pulled = answer_with(answers, "partial")
    assert (pulled["partial"], pulled["complete"]) == (2, 3)


def test_the_rule_types_the_code(answers: list[str]) -> None:
    rule = answer_with(answers, "rule")
    assert rule["matched"] == []
    assert "1234" not in json.dumps(rule), "the digits may be a code"
    waited = answer_with(answers, "exchange")["screen"]
    assert isinstance(waited, dict)
    assert waited["lines"][0].strip() == "4 FACTURES SIGNEES"


def test_the_snapshot_brings_the_screen_back(answers: list[str]) -> None:
    assert "4 FACTURES SIGNEES" in "\n".join(answers[-5:])


def test_both_languages_have_the_same_pictures_and_commands() -> None:
    french = (ROOT / "docs" / "fr" / "banc.md").read_text("utf-8")
    assert re.findall(r"^```\n(.*?)^```", french, re.DOTALL | re.MULTILINE) == []
    pictures = re.compile(r"pictures/(bench-\w+)-(en|fr)\.png")
    assert {name for name, _ in pictures.findall(french)} == {name for name, _ in pictures.findall(PAGE)}
    assert {language for _, language in pictures.findall(french)} == {"fr"}
