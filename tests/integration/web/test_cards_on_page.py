"""Cards by drag and by the menu beside it: the same comes of both."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.integration.web.conftest import LookAt
from tests.integration.web.hands import Hands, Keyboard, Mouse
from tests.integration.web.web_process import WebProcess

NURSE, PATIENT = "cps-piqure2969-maya", "vitale-martin-paul"
NURSE_NAME, PATIENT_NAME = "PIQURE2969 MAYA", "MARTIN PAUL"


@pytest.mark.parametrize("by_mouse", [True, False])
def test_a_card_goes_into_a_slot_and_comes_out(web: WebProcess, look: LookAt, by_mouse: bool) -> None:
    bench = look()
    reader = bench.reader("reader-1")
    hands: Hands = Mouse() if by_mouse else Keyboard(bench.page)
    hands.insert(reader, NURSE, "ps")
    reader.holds("ps", NURSE_NAME)
    hands.insert(reader, PATIENT, "vitale")
    reader.holds("vitale", PATIENT_NAME)
    slots = web.ask("GET", "/readers/reader-1")["slots"]
    assert [slots["ps"]["name"], slots["vitale"]["name"]] == [NURSE, PATIENT]

    hands.use(reader.removal("ps"))
    expect(reader.removal("ps")).to_have_count(0)
    assert web.ask("GET", "/readers/reader-1")["slots"]["ps"] is None


def test_a_card_is_dragged_from_its_slot_back_to_the_tray(web: WebProcess, look: LookAt) -> None:
    reader = look().reader("reader-1")
    Mouse().insert(reader, PATIENT, "vitale")
    reader.holds("vitale", PATIENT_NAME)
    Mouse().drag(reader.slot("vitale").get_by_text(PATIENT_NAME).first, reader.tray)
    expect(reader.removal("vitale")).to_have_count(0)
    assert web.ask("GET", "/readers/reader-1")["slots"]["vitale"] is None


def test_escape_closes_the_menu_and_leaves_the_focus_on_its_button(web: WebProcess, look: LookAt) -> None:
    bench = look()
    reader = bench.reader("reader-1")
    Keyboard(bench.page).use(reader.menu_of(NURSE))
    expect(reader.menu_item("ps")).to_be_visible()
    bench.page.keyboard.press("Escape")
    expect(reader.menu_item("ps")).to_have_count(0)
    expect(reader.menu_of(NURSE)).to_be_focused()
    assert web.ask("GET", "/readers/reader-1")["slots"]["ps"] is None


def test_a_vitale_in_the_other_slot_leaves_it_when_it_is_dragged_over(web: WebProcess, look: LookAt) -> None:
    """The two slots never show the same card."""
    reader = look().reader("reader-1")
    mouse = Mouse()
    mouse.insert(reader, PATIENT, "vitale")
    reader.holds("vitale", PATIENT_NAME)
    mouse.drag(reader.slot("vitale").get_by_text(PATIENT_NAME).first, reader.slot("ps"))
    reader.holds("ps", PATIENT_NAME)
    expect(reader.removal("vitale")).to_have_count(0)
    assert web.ask("GET", "/readers/reader-1")["slots"]["vitale"] is None
