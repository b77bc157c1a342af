"""The page of differing screens in a real browser: both languages, both themes, wide and narrow."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Request, sync_playwright

from tla_sim.tools.language import Language, speak
from tla_sim.tools.testing.golden.comparison import differences
from tla_sim.tools.testing.golden.flow import flow_screen
from tla_sim.tools.testing.golden.page import ComparedFlow, render

RECORDED = tuple(flow_screen(after, (after, "ATTENTE ORDRE", "", "")) for after in ("A", "B", "C"))
SHOWN = (RECORDED[0], flow_screen("B", ("B", "ATTENTE", "", "VAL")), flow_screen("NEW", ("X", "", "", "")))


@pytest.mark.parametrize("language", list(Language))
def test_everybody_can_read_the_page(language: Language, tmp_path: Path) -> None:
    page_file = tmp_path / "page.html"
    speak(language)
    try:
        flow = ComparedFlow("a visit", "visit.json", 3, differences(RECORDED, SHOWN))
        page_file.write_text(render([flow]), "utf-8")
    finally:
        speak(Language.EN)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            for width, theme in ((1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")):
                context = chromium.new_context(
                    viewport={"width": width, "height": 800},
                    color_scheme="dark" if theme == "dark" else "light",
                )
                page = context.new_page()
                asked: list[str] = []

                def note(request: Request, asked: list[str] = asked) -> None:
                    asked.append(request.url)

                page.on("request", note)
                page.goto(page_file.as_uri())
                assert Axe().run(page).response["violations"] == []
                assert page.evaluate("document.documentElement.scrollWidth") <= width
                assert asked == [page_file.as_uri()]
                context.close()
        finally:
            chromium.close()
