"""The parts that views are made from: choices with reasons, places for files, squares."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.integration.web.practice.practice_page import LookAtPractice

_CHOICES = """async () => {
  const { choice, choices } = await import("/assets/js/practice/choice.js");
  window.changed = [];
  const made = (name, more) =>
    choice({ name, label: name, change: (on) => window.changed.push([name, on]), ...more });
  window.off = made("Degraded", { possible: false, reason: "It has left" });
  document.querySelector("main").replaceChildren(choices("Billing",
    made("Printed", { note: "As usual" }), window.off,
    made("Practice", { kind: "radio", group: "rights", chosen: true }),
    made("ADR", { kind: "radio", group: "rights" })));
}"""
_DROP = """async () => {
  const { dropZone } = await import("/assets/js/practice/drop.js");
  window.taken = [];
  document.querySelector("main").replaceChildren(dropZone({
    label: "Attach…", hint: "PDF or a picture",
    take: (files) => window.taken.push(...files.map((each) => each.name)) }));
}"""
_DROP_TWO = """() => {
  const moved = new DataTransfer();
  ["a.pdf", "b.pdf"].forEach((name) => moved.items.add(new File(["x"], name)));
  return [".drop", "main"].map((where) => ["dragover", "drop"].map((kind) =>
    document.querySelector(where).dispatchEvent(
      new DragEvent(kind, { dataTransfer: moved, bubbles: true, cancelable: true }))));
}"""
_SQUARES = """async () => {
  const { square, mark } = await import("/assets/js/practice/square.js");
  document.querySelector("main").replaceChildren(
    square("green", "digital", "01/01/19"), square("red", "on paper"), square("none", "not needed"),
    mark(true, "degraded"), mark(false, "secured"));
}"""


def test_a_choice_that_is_not_possible_says_why_and_stays_as_it_is(practice: LookAtPractice) -> None:
    page = practice()
    page.ready()
    page.page.evaluate(_CHOICES)
    off = page.view.get_by_role("checkbox", name="Degraded")
    expect(off).to_have_attribute("aria-disabled", "true")
    expect(off).to_have_accessible_description("It has left")
    off.focus()
    page.page.keyboard.press("Space")
    expect(off).not_to_be_checked()
    page.view.get_by_text("Degraded").click(force=True)
    expect(off).not_to_be_checked()
    page.view.get_by_role("checkbox", name="Printed").check()
    page.view.get_by_role("radio", name="ADR").check()
    assert page.page.evaluate("window.changed") == [["Printed", True], ["ADR", True]]
    page.sound("choices")
    page.page.evaluate("window.off.update({ chosen: false, possible: true })")
    off.check()
    expect(off).to_have_accessible_description("")


def test_files_are_chosen_or_dropped(practice: LookAtPractice, tmp_path: Path) -> None:
    page = practice()
    page.ready()
    page.page.evaluate(_DROP)
    file = tmp_path / "scan <b>.pdf"
    file.write_bytes(b"%PDF-1.4")
    with page.page.expect_file_chooser() as chooser:
        page.page.get_by_role("button", name="Attach…").press("Enter")
    chooser.value.set_files(file)
    shown_by_the_browser = page.page.evaluate(_DROP_TWO)
    assert shown_by_the_browser == [[False, False], [False, False]], "not beside the place either"
    assert page.page.evaluate("window.taken") == ["scan <b>.pdf", "a.pdf"], "one, unless several are wanted"
    page.sound("a place for files")


def test_squares_are_told_by_shape_and_text_as_well_as_by_colour(practice: LookAtPractice) -> None:
    page = practice()
    page.ready()
    page.page.evaluate(_SQUARES)
    assert page.view.locator(".square").all_inner_texts() == ["✓", "✕", "–", "✓", ""]
    told = [text.strip(" ,") for text in page.view.locator(".visually-hidden").all_text_contents()]
    assert told == ["digital", "on paper", "not needed", "degraded", "secured"]
    page.sound("squares")
