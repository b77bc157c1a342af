"""Names in a practice file stay texts on the practice's page, wherever it shows them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, expect

from tests.integration.web.browser_kit import looking
from tests.integration.web.practice.practice_page import BOTH, PracticePage
from tests.integration.web.web_process import serving
from tla_sim.tools.cast.people import CODE
from tla_sim.tools.maintenance.sentences import ROOT

PRACTICE: Final = ROOT / "tools" / "cast" / "practice.json"
HOSTILE: Final = "<img src=x onerror=\"document.title='taken over'\">"
NURSE: Final = "PIQURE2969"


def _spoilt(folder: Path) -> Path:
    """Return a practice file whose practice, nurse and first patient have hostile names."""
    told: dict[str, Any] = json.loads(PRACTICE.read_text("utf-8"))
    told["name"] = HOSTILE
    for who in (*told["practitioners"], *(each["beneficiaries"][0] for each in told["patients"])):
        who["first_name"] = HOSTILE
    file = folder / "practice.json"
    file.write_text(json.dumps(told), "utf-8")
    return file


def test_names_of_people_and_of_the_practice_are_shown_as_they_are(browser: Browser, tmp_path: Path) -> None:
    with serving("--practice", _spoilt(tmp_path)) as web:
        web.ask("PUT", "/readers/reader-1/cable", {"plugged": True})
        cards = web.ask("GET", "/readers/reader-1/cards")["cards"]
        for slot, kind in (("ps", "cps"), ("vitale", "vitale")):
            card = next(each["name"] for each in cards if each["kind"] == kind)
            web.ask("PUT", f"/readers/reader-1/slots/{slot}", {"card": card})
        web.ask("POST", "/surgery/load", {"reader": "reader-1"})
        with looking(browser, web.url, path=BOTH) as bench:
            page = PracticePage(bench)
            who = page.card("Who is at the reader")
            expect(who).to_contain_text(f"{NURSE} {HOSTILE}")
            page.button("Check its code…").click()
            expect(page.dialog).to_contain_text(HOSTILE)
            page.page.keyboard.type(CODE)
            page.page.keyboard.press("Enter")
            expect(page.dialog).to_have_count(0)
            expect(who).to_contain_text("code checked")
            expect(page.page).to_have_title(f"Home · {HOSTILE} · tla-sim")
            assert page.page.locator("img[onerror]").count() == 0
