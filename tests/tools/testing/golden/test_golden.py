"""Golden screens: the file that goes into git, what differs from it, and the page that shows it."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tla_sim.reader_fw.board.display import fold
from tla_sim.tools.language import Language, speak
from tla_sim.tools.testing.golden.check import GoldenMissing, compare
from tla_sim.tools.testing.golden.comparison import differences
from tla_sim.tools.testing.golden.flow import Flow, GoldenDamaged, flow_screen, read_golden, write_golden
from tla_sim.tools.testing.golden.page import ComparedFlow, render

VISIT = [
    ("", "INSEREZ LA CARTE"),
    ("insert vitale MARTIN", "MARTIN PAUL"),
    ("code ****", "5 FACTURES SIGNEES"),
]


def flow(*screens: tuple[str, str]) -> Flow:
    return tuple(flow_screen(after, ("TLA 1.40 05/03 08:00", second, "", "")) for after, second in screens)


texts = st.text(max_size=20).map(lambda text: fold(text)[:20])


@given(
    st.lists(
        st.tuples(st.text(st.characters(codec="utf-8"), max_size=20), st.lists(texts, min_size=4, max_size=4))
    )
)
def test_what_was_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, screens: list[tuple[str, list[str]]]
) -> None:
    written = tuple(flow_screen(after, lines) for after, lines in screens)
    path = tmp_path_factory.mktemp("golden") / "flow.json"
    write_golden(path, written)
    assert read_golden(path) == written
    assert differences(written, read_golden(path)) == ()


def test_a_changed_screen_changes_few_lines_of_the_file(tmp_path: Path) -> None:
    write_golden(tmp_path / "before.json", flow(*VISIT))
    write_golden(tmp_path / "after.json", flow(*VISIT[:2], ("code ****", "4 FACTURES SIGNEES")))
    before, after = ((tmp_path / name).read_text().splitlines() for name in ("before.json", "after.json"))
    assert len(before) == len(after)
    changed = [line for line, other in zip(before, after, strict=True) if line != other]
    assert [line.split('"')[1] for line in changed] == ["5 FACTURES SIGNEES", "sha256"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("MARTIN PAUL", "MARTIN PAULA", "screen 2 is not as it was recorded"),
        ('"format": 1', '"format": 2', "format 2, this version knows 1"),
        ("{", "", "is not a file of golden screens"),
    ],
)
def test_a_file_that_was_changed_by_hand_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = tmp_path / "flow.json"
    write_golden(path, flow(*VISIT))
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(GoldenDamaged, match=said):
        read_golden(path)


@pytest.mark.parametrize(
    "content", ["[]", '{"screens": 1}', "[" * 100_000, '{"format": 1, "screens": [1]}', ""]
)
def test_any_other_file_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "flow.json").write_text(content)
    with pytest.raises(GoldenDamaged):
        read_golden(tmp_path / "flow.json")


def test_a_screen_that_was_added_does_not_shift_those_after_it() -> None:
    shown = flow(VISIT[0], ("press MENU", "MENU"), *VISIT[1:])
    (difference,) = differences(flow(*VISIT), shown)
    assert (difference.number, difference.golden, difference.shown) == (2, None, shown[1])
    (difference,) = differences(shown, flow(*VISIT))
    assert (difference.number, difference.golden, difference.shown) == (2, shown[1], None)


def test_a_flow_without_a_golden_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GoldenMissing):
        compare("visit", tmp_path / "none.json", flow(*VISIT))


class Page(HTMLParser):
    """What a browser and a screen reader meet on a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.inside: list[str] = []
        self.marked: list[str] = []
        self.attributes: dict[str, str | None] = {}
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.inside.append(tag)
        self.attributes |= dict(attrs)

    def handle_endtag(self, tag: str) -> None:
        while self.inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "mark" in self.inside and data.strip():
            self.marked.append(data)
        self.text += data


def page_of(golden: Flow, shown: Flow) -> Page:
    return Page(render([ComparedFlow("visit", "visit.json", len(shown), differences(golden, shown))]))


def test_the_page_shows_both_screens_and_marks_what_differs() -> None:
    page = page_of(flow(*VISIT), flow(*VISIT[:2], ("code ****", "4 FACTURES SIGNEES")))
    assert page.tags.count("pre") == 2
    assert page.marked == ["5", "4"]
    assert "Screen 3, after: code ****" in page.text
    assert "Line 2: “4 FACTURES SIGNEES” instead of “5 FACTURES SIGNEES”" in page.text
    assert "1 screen differs from the golden one" in page.text


def test_the_page_says_which_screen_is_missing_or_new() -> None:
    page = page_of(flow(*VISIT), flow(*VISIT[:2]))
    assert "This screen is no longer shown." in page.text
    page = page_of(flow(*VISIT[:2]), flow(*VISIT))
    assert "No such screen was recorded." in page.text


def test_the_page_needs_nothing_but_itself() -> None:
    text = render([ComparedFlow("<visit>", "a&b.json", 3, differences(flow(*VISIT), flow(*VISIT[:2])))])
    page = Page(text)
    assert {"script", "link", "img", "iframe"}.isdisjoint(page.tags)
    assert not {"src", "href", "onclick"} & set(page.attributes)
    assert "url(" not in text
    assert "&lt;visit&gt;" in text
    assert "a&amp;b.json" in text


def test_the_page_speaks_french() -> None:
    speak(Language.FR)
    try:
        page = page_of(flow(*VISIT), flow(*VISIT[:2], ("code ****", "4 FACTURES SIGNEES")))
    finally:
        speak(Language.EN)
    assert page.attributes["lang"] == "fr"
    assert "Ligne 2 : « 4 FACTURES SIGNEES » au lieu de « 5 FACTURES SIGNEES »" in page.text.replace(" ", " ")


def test_the_file_is_plain_json_for_other_programs(tmp_path: Path) -> None:
    write_golden(tmp_path / "flow.json", flow(*VISIT))
    kept = json.loads((tmp_path / "flow.json").read_bytes())
    assert kept["screens"][1]["screen"] == ["TLA 1.40 05/03 08:00", "MARTIN PAUL", "", ""]
    assert [len(each["sha256"]) for each in kept["screens"]] == [64, 64, 64]
