"""The pages people read: links lead somewhere, what they name is there, indexes are whole, examples run."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.named_places import ROOT, places_missing, project_files
from tla_sim.host.client import ReaderClient
from tla_sim.host.documents import outgoing
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.practice.invoices import prepared_invoices
from tla_sim.host.round.push import push_owner
from tla_sim.reader_fw.board.board import assemble_board
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.links.t1_link import T1Link
from tla_sim.reader_fw.reader import Reader
from tla_sim.tools.cast import demo_practice
from tla_sim.tools.cast.people import MORNING
from tla_sim.tools.cli.app import VERBS
from tla_sim.tools.simulator.virtual_cable import VirtualCable, cable_transport

DOCS = ROOT / "docs"
FRONT_PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
PAGES = [*FRONT_PAGES, *sorted(DOCS.rglob("*.md"))]
DECISIONS = sorted(page for page in (DOCS / "decisions").glob("*.md") if page.name != "README.md")
HOUSE = (DOCS / "architecture.md").read_text("utf-8")

PACKAGES = ("protocol", "reader_fw", "host", "tools")
NOT_OURS = {
    "tests/integration/test_wheel.py": (
        "protocol/errors",
        "reader_fw/reader",
        "tests/test_practice_software.py",
    ),
    "tests/test_front_door.py": ("tla_sim.SimulatedRead", "tla_sim.zzzzz"),
}
"""What a file names though it is not there: what a test makes, and what must be refused."""

HISTORY = (ROOT / "CHANGELOG.md", Path(__file__))
"""What names places that are gone, or never were."""

_LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
_DAY = r"\d{4}-\d{2}-\d{2}"


def names(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def linked_from(page: Path) -> list[Path]:
    """Where a page's links inside the project lead."""
    return [(page.parent / target).resolve() for target in _LINK.findall(page.read_text("utf-8"))]


def drawn_under(heading: str, page: str = HOUSE) -> str:
    """The first block that is set apart under a heading or sentence."""
    return page.partition(heading)[2].partition("```")[2].partition("```")[0].partition("\n")[2]


@pytest.mark.parametrize("page", PAGES, ids=names)
def test_links_inside_the_project_lead_somewhere(page: Path) -> None:
    assert [str(target) for target in linked_from(page) if not target.exists()] == []


def test_every_page_is_reached_from_the_index() -> None:
    reached: dict[Path, None] = {}
    ahead = [DOCS / "README.md"]
    while ahead:
        page = ahead.pop()
        if page not in reached and page.suffix == ".md":
            reached[page] = None
            ahead += linked_from(page)
    assert [names(page) for page in PAGES if page not in reached] == []


def test_the_index_lists_every_page_once() -> None:
    listed = linked_from(DOCS / "README.md")
    indexed_elsewhere = (DOCS / "decisions", DOCS / "fr")
    expected = [page for page in PAGES if page.parent not in indexed_elsewhere and page != DOCS / "README.md"]
    expected += [folder / "README.md" for folder in indexed_elsewhere]
    assert sorted(map(names, listed)) == sorted(map(names, expected))


def test_the_index_of_french_pages_lists_them_all() -> None:
    french = [page for page in (DOCS / "fr").glob("*.md") if page.name != "README.md"]
    listed = linked_from(DOCS / "fr" / "README.md")
    assert [names(page) for page in french if page not in listed] == []


def test_nothing_is_named_that_is_not_there() -> None:
    found = {}
    for file in project_files():
        if file in HISTORY:
            continue
        try:
            text = file.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        missing = tuple(places_missing(text))
        if missing:
            found[names(file)] = missing
    assert found == NOT_OURS


def test_what_is_not_there_is_noticed() -> None:
    text = """`tla_sim.host.client.ReaderClient.push_nothing`, then
    from tla_sim.protocol.errors import TlaError, NoSuchError
    `host/round/push.py::push_owner`, `host/round/push.py::pop_owner`, `tools/cli/NAME.py`, host/desk.py,
    `tla_sim.tools.cli.NAME`, the group `tla_sim.transports`, tla_sim.host.rounds.pull, ../host/nowhere.py"""
    assert list(places_missing(text)) == [
        "tla_sim.host.client.ReaderClient.push_nothing",
        "tla_sim.host.rounds.pull",
        "tla_sim.protocol.errors.NoSuchError",
        "host/round/push.py::pop_owner",
        "host/desk.py",
    ]


def test_what_moved_is_where_the_changelog_says_and_no_longer_where_it_was() -> None:
    page = (ROOT / "CHANGELOG.md").read_text("utf-8").partition("### Moved")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| `")]
    assert len(rows) > 30
    for before, after, *public in rows:
        assert list(places_missing(after)) == []
        for place in re.findall(r"`([\w./-]+)`", before):
            gone = not (ROOT / place).exists() if "/" in place else [*places_missing(f"tla_sim.{place}")]
            assert gone or place in after, place
        for name in re.findall(r"`(\w+)`", "".join(public)):
            assert list(places_missing(f"tla_sim.{name}")) == []


def _rooms_drawn() -> Iterator[tuple[str, str]]:
    """The folders of the tree as it is drawn, each with its caption."""
    above: list[str] = []
    for line in drawn_under("## The tree").splitlines():
        indent, name, caption = re.fullmatch(r"( *)([\w/-]+)/ +(.+)", line).groups()  # type: ignore[union-attr]
        above[len(indent) // 2 :] = [name]
        yield "/".join(above), caption


def test_the_tree_that_is_drawn_is_the_tree_that_is_there() -> None:
    drawn = dict(_rooms_drawn())
    folders = {
        parent.as_posix()
        for file in project_files()
        for parent in file.relative_to(ROOT).parents
        if parent != Path()
    }
    rooms = {folder for folder in folders if folder.partition("/")[0] in (*PACKAGES, "docs")}
    tests = {folder for folder in folders if folder.startswith("tests/")}
    beside = {folder for folder in tests if folder.removeprefix("tests/") not in rooms}
    assert sorted(drawn) == sorted({"src/tla_sim", "tests", *rooms, *beside})


@pytest.mark.parametrize("package", ["host", "tools"])
def test_the_floors_that_are_drawn_are_those_that_are_held(package: str) -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (held,) = [each["layers"] for each in contracts if each.get("containers") == [f"tla_sim.{package}"]]
    assert drawn_under(f"The floors of {package}:").splitlines() == held


def test_the_blocks_that_are_shown_go_over_the_line(tmp_path: Path) -> None:
    shown = [line for line in drawn_under("What goes over the line").splitlines() if line != "…"]
    entropy = SeededEntropy(1)
    reader = Reader(assemble_board(MORNING, entropy))
    reader.power_on()
    link = _Listening(T1Link(reader.attach("cable"), reader.board.clock))
    cable = VirtualCable(link, reader.board.clock, reader.tick)
    client = ReaderClient(cable_transport(cable), entropy.take)
    owner = "75112040"
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        push_owner(client, ledger, owner, outgoing(prepared_invoices(demo_practice(), owner)))
    heard = iter(link.heard)
    assert [line for line in shown if line not in heard] == [], "in this order"


@pytest.mark.parametrize("page", DECISIONS, ids=names)
def test_every_decision_has_its_date_and_status_and_is_in_the_index(page: Path) -> None:
    title, _, said, *_ = page.read_text("utf-8").splitlines()
    found = re.fullmatch(
        rf"\*Decided ({_DAY}); ((?:accepted|superseded by \[.+\]\(.+\.md\))(?:, amended {_DAY})?)\*", said
    )
    assert found is not None, said
    row = f"| [{title.removeprefix('# ')}]({page.name}) | {found[1]} | {found[2]} |"
    assert row in (DOCS / "decisions" / "README.md").read_text("utf-8").splitlines()


def test_the_french_page_plays_the_same_round() -> None:
    def typed(page: Path, heading: str) -> list[str]:
        lines = drawn_under(heading, page.read_text("utf-8")).splitlines()
        return [line.partition("  #")[0].rstrip() for line in lines]

    english = typed(ROOT / "README.md", "## A round by hand")
    assert len(english) > 10
    assert typed(DOCS / "fr" / "README.md", "## Une tournée à la main") == english


def test_the_python_example_for_practice_software_runs(tmp_path: Path) -> None:
    page = (DOCS / "how-to/practice-software.md").read_text("utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    ran = subprocess.run(
        [sys.executable, "-c", example], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("TLA")
    assert "5 FACTURES SIGNEES" in ran.stdout


def test_the_python_example_of_the_readme_runs(tmp_path: Path) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    ran = subprocess.run(
        [sys.executable, "-c", example], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("Progress(stage='push'")
    assert ran.stdout.endswith(f"{len(demo_practice().invoices)} documents on the reader\n")


def test_every_verb_is_in_a_page() -> None:
    text = "".join(page.read_text("utf-8") for page in PAGES)
    assert [verb for verb in VERBS if f"tla {verb}" not in text] == []


class _Listening:
    """A link whose bytes are written down as the page shows them."""

    def __init__(self, link: T1Link) -> None:
        self._link = link
        self.heard: list[str] = []

    def _note(self, mark: str, data: bytes) -> bytes:
        if data:
            self.heard.append(f"{mark} {data.hex(' ')}")
        return data

    def receive(self, data: bytes) -> bytes:
        return self._note("<", self._link.receive(self._note(">", data)))

    def tick(self) -> bytes:
        return self._note("<", self._link.tick())

    @property
    def wake_at(self) -> int | None:
        return self._link.wake_at

    def hang_up(self) -> None:
        self._link.hang_up()
