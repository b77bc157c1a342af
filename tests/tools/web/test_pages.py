"""The page's files: they name each other rightly, ask no other machine for anything, and can be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tla_sim.tools.maintenance.sentences import ROOT

PAGES = ROOT / "tools" / "web" / "pages"
SCRIPTS = sorted((PAGES / "js").rglob("*.js"))
SHEETS = sorted((PAGES / "css").glob("*.css"))

TEXT = 4.5
"""The least contrast of text (WCAG 2.2, 1.4.3)."""
EDGE = 3.0
"""The least contrast of a control's edge (WCAG 2.2, 1.4.11)."""

SURFACES = ("ground", "surface", "surface-2")
PAIRS = (
    *((ink, on, TEXT) for ink in ("ink", "ink-quiet", "accent") for on in SURFACES),
    *((word, f"{word}-soft", TEXT) for word in ("ok", "warn", "danger")),
    *((word, "surface", TEXT) for word in ("ok", "warn", "danger")),
    ("accent-ink", "accent", TEXT),
    ("ink", "accent-soft", TEXT),
    ("ink", "danger-soft", TEXT),
    ("edge", "surface", EDGE),
    ("focus", "surface", EDGE),
    ("focus", "ground", EDGE),
)


def colours(theme: str) -> dict[str, str]:
    sheet = (PAGES / "css" / "tokens.css").read_text("utf-8")
    (block,) = re.findall(rf':root\[data-theme="{theme}"\] \{{(.*?)\}}', sheet, re.DOTALL)
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))


def luminance(colour: str) -> float:
    """Return the relative luminance of `#rrggbb` (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "on", "least"), PAIRS)
def test_colours_stand_out_from_what_they_stand_on(theme: str, ink: str, on: str, least: float) -> None:
    known = colours(theme)
    dark, light = sorted((luminance(known[ink]), luminance(known[on])))
    assert (light + 0.05) / (dark + 0.05) >= least


def test_both_themes_have_the_same_colours() -> None:
    assert colours("light").keys() == colours("dark").keys()


def test_what_the_page_names_is_there() -> None:
    pages = "".join(page.read_text("utf-8") for page in sorted(PAGES.glob("*.html")))
    named = re.findall(r'(?:href|src)="/assets/([^"]+)"', pages)
    assert [name for name in named if not (PAGES / name).is_file()] == []
    assert {f"css/{each.name}" for each in SHEETS} <= set(named)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_what_a_script_imports_is_there(script: Path) -> None:
    named = r'(?:from |^import |import\()"(\.{1,2}/[^"]+)"'
    for name in re.findall(named, script.read_text("utf-8"), re.MULTILINE):
        assert (script.parent / name).is_file()


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_data_cannot_become_markup_or_style(script: Path) -> None:
    text = script.read_text("utf-8")
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|cssText"
    assert re.findall(forbidden, text) == []
    assert re.findall(r'\bstyle: |setAttribute\("style"', text) == []


@pytest.mark.parametrize("file", [*SCRIPTS, *SHEETS], ids=lambda path: path.name)
def test_nothing_comes_from_another_machine(file: Path) -> None:
    assert re.findall(r"https?://|@import|url\(", file.read_text("utf-8")) == []
