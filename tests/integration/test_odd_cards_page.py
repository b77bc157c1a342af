"""The page on odd cards: its lines are typed as they stand, and do what it says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.named_places import ROOT
from tests.tools.cli.command_line import tla

PAGE = (ROOT / "docs" / "how-to" / "odd-cards.md").read_text("utf-8")
FENCED = re.findall(r"^```(\w*)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
BLOCKS = [block for language, block in FENCED if not language]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which everything on the page was typed, one block after the other."""
    folder = tmp_path_factory.mktemp("odd cards")
    (folder / "tools").symlink_to(ROOT / "tools")
    command = folder / "bin" / "tla"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tla_sim.tools.cli.entry "$@"\n')
    command.chmod(0o755)
    path = f"{command.parent}{os.pathsep}{os.environ['PATH']}"
    for block in BLOCKS:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", block],
            cwd=folder,
            env=os.environ | {"PATH": path, "TLA_LANG": "en"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        (folder / "said").open("a").write(done.stdout + done.stderr)
    return folder


def test_what_the_page_says_comes_out(folder: Path) -> None:
    said = (folder / "said").read_text()
    assert len(BLOCKS) == 3
    for shown in (
        "odd/cps-piqure2969-maya-expired.card",
        "odd/vitale-martin-paul-past-rights.card",
        "2015-01-01 – 2016-12-31",
        "wrong.json has 3 errors",
        "found '2045-02-30', expected a day such as 2019-03-05",
    ):
        assert shown in said


def test_the_example_in_python_says_what_its_comment_says(folder: Path) -> None:
    (example,) = (block for language, block in FENCED if language == "python")
    done = subprocess.run(
        [sys.executable, "-c", example], cwd=folder, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == example.partition("# ")[2].strip()


def test_what_was_edited_on_the_page_is_on_the_card(folder: Path) -> None:
    shown = json.loads(tla("cards", "show", folder / "maya-odd.card", "--json").stdout)
    assert shown["tries_left"] == 1
    assert [each["speciality"] for each in shown["situations"]] == ["26"]
    before = json.loads(tla("cards", "show", folder / "odd" / "cps-piqure2969-maya.card", "--json").stdout)
    assert shown["serial"] != before["serial"]
    assert not (folder / "wrong.card").exists()


def test_a_line_that_fails_would_be_seen(tmp_path: Path) -> None:
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", "false | true"], cwd=tmp_path, check=False)
    assert done.returncode != 0
