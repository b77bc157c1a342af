"""Cards by drag and by the menu beside it: the same comes of both."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.integration.web.conftest import LookAt
from tests.integration.web.hands import Hands, Keyboard, Mouse
from tests.integration.web.web_process import WebProcess
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.tools.cast import demo_practice
from tla_sim.tools.cast.cards import Cast

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
    expect(reader.menu_of(NURSE)).to_have_accessible_name(f"Insert CPS of {NURSE_NAME}")
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


def test_what_somebody_else_does_leaves_a_card_in_the_hand(web: WebProcess, look: LookAt) -> None:
    """Another browser puts a card in while one is being dragged here, and takes it out again."""
    reader = look().reader("reader-1")
    card, onto = reader.card(NURSE), reader.slot("ps")
    expect(reader.menu_of(PATIENT)).to_be_visible()
    card.hover()
    held = card.element_handle()
    mouse, box = card.page.mouse, card.bounding_box()
    assert box is not None
    mouse.down()
    mouse.move(box["x"] + box["width"] / 2 + 8, box["y"] + box["height"] / 2, steps=2)
    web.ask("PUT", "/readers/reader-1/slots/vitale", {"card": PATIENT})
    expect(reader.menu_of(PATIENT)).to_have_count(0)
    assert held.evaluate("there => there.isConnected")
    onto.hover()
    onto.hover()
    mouse.up()
    reader.holds("ps", NURSE_NAME)
    web.ask("DELETE", "/readers/reader-1/slots/vitale")
    expect(reader.menu_of(PATIENT)).to_be_visible()
    assert held.evaluate("there => there.isConnected")


def test_an_open_menu_stays_open_whatever_another_card_does(web: WebProcess, look: LookAt) -> None:
    reader = look().reader("reader-1")
    reader.menu_of(NURSE).click()
    web.ask("PUT", "/readers/reader-1/slots/vitale", {"card": PATIENT})
    expect(reader.menu_of(PATIENT)).to_have_count(0)
    reader.menu_item("ps").click()
    reader.holds("ps", NURSE_NAME)


def test_a_card_that_is_added_or_taken_away_moves_no_other(web: WebProcess, look: LookAt) -> None:
    reader = look().reader("reader-1")
    first = reader.card(NURSE).element_handle()
    listed = reader.tray.get_by_role("listitem")
    names = [each["name"] for each in web.ask("GET", "/readers/reader-1/cards")["cards"]]
    expect(listed).to_have_count(len(names))
    image = Cast(demo_practice(), SeededEntropy(5)).cards[0].image.build()
    answer = web.api.post(
        "/v1/readers/reader-1/cards?name=another",
        content=image,
        headers={"Content-Type": "application/octet-stream"},
    )
    assert answer.status_code == 201, answer.text
    expect(reader.card("another")).to_be_visible()
    web.ask("DELETE", "/readers/reader-1/cards/another")
    expect(listed).to_have_count(len(names))
    assert first.evaluate("there => there.isConnected")
