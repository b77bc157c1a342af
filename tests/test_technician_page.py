"""The technician's page, in both languages, says what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tla_sim.host.transport.galss.codes import GalssCode
from tla_sim.reader_fw.app.software.profiles import PROFILES
from tla_sim.tools.cli.app import VERBS

DOCS = Path(__file__).parents[1] / "docs"
PAGES = {name: (DOCS / name).read_text("utf-8") for name in ("technician.md", "fr/technicien.md")}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_every_version_is_told_with_its_limits(page: str) -> None:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in page.splitlines()
        if line.startswith("| 1.")
    ]
    told = {row[0]: [int(re.sub(r"\D", "", cell)) for cell in row[1:3]] for row in rows}
    assert told == {each.name: [each.max_owners, each.max_documents] for each in PROFILES}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_the_commands_told_exist(page: str) -> None:
    named = dict.fromkeys(re.findall(r"(?:^    |`)tla ([a-z]+)", page, re.MULTILINE))
    assert len(named) >= 6
    assert [name for name in named if name not in VERBS] == []


@pytest.mark.parametrize(("name", "language"), [("technician.md", "en"), ("fr/technicien.md", "fr")])
def test_every_code_of_the_galss_is_told_with_its_meaning_and_a_next_step(name: str, language: str) -> None:
    rows = [line.strip("|").split("|") for line in PAGES[name].splitlines() if line.startswith("| 80")]
    assert [row[0].strip() for row in rows] == [f"{code:04X}" for code in GalssCode]
    for code, row in zip(GalssCode, rows, strict=True):
        assert row[1].strip().startswith(getattr(code, language))
        assert row[2].strip()


def test_both_pages_have_the_same_headings_tables_and_commands() -> None:
    def shape(page: str) -> list[object]:
        heads = [line.count("#") for line in page.splitlines() if line.startswith("#")]
        rows = [line.count("|") for line in page.splitlines() if line.startswith("|")]
        codes = [
            line.split("report")[0].split("rapport")[0][:12]
            for line in page.splitlines()
            if line[:4] == "    "
        ]
        return [heads, rows, codes]

    english, french = map(shape, PAGES.values())
    assert english == french
