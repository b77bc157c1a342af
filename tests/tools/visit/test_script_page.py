"""The page about visit scripts tells what the declared words are, and its example plays."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.tools.cli.command_line import tla
from tests.tools.simulator.kept_kit import client_of, make_reader
from tla_sim.host.documents import outgoing
from tla_sim.host.practice.invoices import prepared_invoices
from tla_sim.reader_fw.cards.pki import ShippedKeys
from tla_sim.tools.cards.issue import issue_cards
from tla_sim.tools.cast import demo_practice
from tla_sim.tools.cast.loading import load
from tla_sim.tools.simulator.kept_reader import KeptReader
from tla_sim.tools.simulator.state_directory import FORMAT, StateDirectory
from tla_sim.tools.simulator.state_transport import open_state
from tla_sim.tools.visit.kept_stage import KeptStage
from tla_sim.tools.visit.play import play
from tla_sim.tools.visit.script import WORDS, parse_script

PAGE = (Path(__file__).parents[3] / "docs" / "how-to" / "visit-script.md").read_text("utf-8")


def table(heading: str) -> dict[str, str]:
    part = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(.*)` \| (.*) \|$", part, re.MULTILINE)
    return {left.replace("\\|", "|"): right for left, right in rows}


def test_the_words_are_those_declared_with_their_help() -> None:
    assert table("The words") == {word.usage: word.help for word in WORDS}


def test_the_files_are_those_of_a_state_directory(tmp_path: Path) -> None:
    with StateDirectory.open(tmp_path / "reader", 64 * 4096) as state:
        state.keep_slots({})
        state.keep_card_files({})
        in_use = {path.name for path in state.path.iterdir()}
    names = in_use | {path.name for path in (tmp_path / "reader").iterdir()}
    assert set(table("What persists")) == names
    assert FORMAT == 1


def test_the_example_plays_on_the_shipped_practice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    practice = demo_practice()
    issue_cards(practice, tmp_path / "cards", ShippedKeys(reuse=True))
    home = make_reader(tmp_path / "reader")
    with open_state(f"state:{home}") as transport:
        for owner in practice.owners:
            load(client_of(transport), outgoing(prepared_invoices(practice, owner)))
    monkeypatch.chdir(tmp_path)
    lines = PAGE.split("```")[1].strip().splitlines()
    with KeptReader.open(home) as kept:
        kept.reader.power_on()
        played = list(play(parse_script(lines), KeptStage(kept)))
    assert len(played) == len(lines) - 1, "every line but the comment"


def test_the_golden_example_is_recorded_and_compared_as_pasted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script, commands = PAGE.split("## Golden screens\n")[1].split("```")[1:4:2]
    (tmp_path / "round.txt").write_text(script.strip() + "\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    for line in commands.strip().splitlines():
        result = tla(*line.partition("#")[0].split()[1:])
        assert result.exit_code == 0, result.output
    assert (tmp_path / "round.json").exists()
