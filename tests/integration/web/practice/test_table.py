"""The table of the lists: 50,000 rows of which few are in the page; sorting, keys, cards, paper."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.integration.web.browser_kit import THEMES, Theme, View
from tests.integration.web.practice.practice_page import BOTH, LookAtPractice, PracticePage
from tla_sim.tools.language import Language

ROWS = 50_000
MOST_IN_PAGE = 80
MOST_KEPT = 12 * 100
MOST_AT_ONCE = 500
_ROW_HEIGHT = 34
_MAKE = """async ([rows]) => {
  const { listTable } = await import("/assets/js/practice/table.js");
  const { square } = await import("/assets/js/practice/square.js");
  window.asked = [];
  window.opened = [];
  const table = listTable({
    label: "Made up", sort: "number",
    columns: [
      { name: "number", title: "Number", sort: true, cell: (row) => row.number },
      { name: "patient", title: "Patient", sort: true, wide: true, cell: (row) => row.patient },
      { name: "total", title: "Total", end: true, cell: () => "1,00 €" },
      { name: "sheet", title: "Sheet", cell: (row) => square(row.number % 2 ? "green" : "red", "digital") },
    ],
    fetch: async ({ start, limit, sort, descending }) => {
      window.asked.push({ start, limit, sort, descending });
      const made = (place) => ({ number: 190000000 + place, patient: `PATIENT ${place}` });
      const length = Math.max(0, Math.min(limit, rows - start));
      const places = Array.from({ length }, (_, more) => start + more);
      return { count: rows, rows: places.map((place) => made(descending ? rows - 1 - place : place)) };
    },
    open: (row) => window.opened.push(row.number),
  });
  document.querySelector("main").replaceChildren(table);
  window.table = table;
  await table.load();
}"""
_FAIL = """async () => {
  const { Problem } = await import("/assets/js/api.js");
  window.table.fetch = () => { throw new Problem("The list cannot be had", "Try again"); };
  await window.table.load();
}"""
_SCROLL_BEFORE_IT_CAME = """async () => {
  const { fetch } = window.table;
  let answer;
  const held = new Promise((done) => { answer = done; });
  window.table.fetch = async ({ start }, signal) => {
    await held;
    signal.throwIfAborted();
    const found = [0, 1, 2].map((place) => ({ number: place, patient: `FOUND ${place}` }));
    return { count: 3, rows: found.slice(start) };
  };
  const loaded = window.table.load();
  window.table.scroller.scrollTop = 20_000 * window.table.rows.height;
  await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
  answer();
  await loaded;
}"""


def _made(page: PracticePage, rows: int = ROWS) -> Locator:
    page.ready()
    page.page.evaluate(_MAKE, [rows])
    return page.view.get_by_role("grid", name="Made up")


def _in_page(page: PracticePage) -> int:
    return page.view.locator("tbody tr[data-place]").count()


def test_few_rows_of_many_are_in_the_page_and_few_are_kept(practice: LookAtPractice) -> None:
    page = practice()
    grid = _made(page)
    expect(grid).to_have_attribute("aria-rowcount", str(ROWS + 1))
    expect(grid.get_by_text("PATIENT 0", exact=True)).to_be_visible()
    grid.focus()
    page.page.keyboard.press("End")
    expect(grid.get_by_text(f"PATIENT {ROWS - 1}", exact=True)).to_be_visible()
    for place in range(1_000, ROWS, 3_000):
        page.page.evaluate("at => window.table.scroller.scrollTop = at * window.table.rows.height", place)
        expect(grid.get_by_text(f"PATIENT {place + 1}", exact=True)).to_be_visible()
        assert _in_page(page) <= MOST_IN_PAGE
    kept = page.page.evaluate("[...window.table.windows.kept.values()].flat().length")
    assert kept <= MOST_KEPT
    assert all(each["limit"] <= MOST_AT_ONCE for each in page.page.evaluate("window.asked"))


def test_the_keyboard_moves_along_the_rows_and_opens_one(practice: LookAtPractice) -> None:
    page = practice()
    grid = _made(page)
    grid.focus()
    for _ in range(3):
        page.page.keyboard.press("ArrowDown")
    active = page.page.locator(f"#{grid.get_attribute('aria-activedescendant')}")
    expect(active).to_contain_text("PATIENT 2")
    expect(active).to_have_attribute("aria-rowindex", "4")
    page.page.keyboard.press("Enter")
    assert page.page.evaluate("window.opened") == [190_000_002]
    page.sound("a chosen row")
    grid.get_by_text("PATIENT 5", exact=True).click()
    assert page.page.evaluate("window.opened") == [190_000_002, 190_000_005]


def test_a_head_sorts_and_says_so(practice: LookAtPractice) -> None:
    page = practice()
    grid = _made(page)
    number = grid.get_by_role("columnheader", name="Number")
    patient = grid.get_by_role("columnheader", name="Patient")
    expect(number).to_have_attribute("aria-sort", "ascending")
    expect(patient).to_have_attribute("aria-sort", "none")
    number.get_by_role("button").click()
    expect(number).to_have_attribute("aria-sort", "descending")
    expect(grid.get_by_text(f"PATIENT {ROWS - 1}", exact=True)).to_be_visible()
    patient.get_by_role("button").click()
    expect(patient).to_have_attribute("aria-sort", "ascending")
    assert page.page.evaluate("window.asked.at(-1)")["sort"] == "patient"


def test_who_scrolls_before_a_filter_is_answered_sees_what_passes(practice: LookAtPractice) -> None:
    page = practice()
    grid = _made(page)
    page.page.evaluate(_SCROLL_BEFORE_IT_CAME)
    expect(grid.get_by_text("FOUND 2", exact=True)).to_be_visible()
    expect(page.view.get_by_text("3 rows", exact=True)).to_be_visible()


def test_beside_the_reader_columns_stand_under_others_and_none_is_cut(practice: LookAtPractice) -> None:
    page = practice(path=f"{BOTH}#invoices")
    row = page.view.get_by_role("row").filter(has_text="190305028")
    for text in ("05/03/2019", "PIQURE2969 MAYA", "CPAM - DEMONSTRATION", "Prepared, to be billed or loaded"):
        expect(row.get_by_text(text).filter(visible=True)).to_have_count(1)
    cut = page.view.locator(".list-scroller").evaluate("there => there.scrollWidth - there.clientWidth")
    assert cut == 0
    page.page.keyboard.press("3")
    expect(page.view.get_by_role("tab").last).to_be_in_viewport(ratio=1)
    expect(page.view.get_by_role("combobox", name="Sorted by")).to_be_visible()


@pytest.mark.parametrize("theme", THEMES)
def test_on_a_narrow_page_rows_are_cards(practice: LookAtPractice, theme: Theme) -> None:
    page = practice(View(Language.FR, theme, 390))
    grid = _made(page)
    row = grid.locator("tr[data-place]").first
    expect(row).to_contain_text("PATIENT 0")
    box = row.bounding_box()
    assert box is not None
    assert box["height"] > _ROW_HEIGHT + 20, "two lines of cells"
    page.sound("cards")
    page.page.get_by_role("combobox", name=page.word("Sorted by")).select_option("number down")
    expect(row).to_contain_text(f"PATIENT {ROWS - 1}")
    grid.focus()
    page.page.keyboard.press("End")
    expect(grid.get_by_text("PATIENT 0", exact=True)).to_be_visible()
    assert _in_page(page) <= MOST_IN_PAGE


def test_an_empty_list_says_so_and_a_failed_one_why(practice: LookAtPractice) -> None:
    page = practice()
    _made(page, 0)
    expect(page.view).to_contain_text("Nothing is in this list.")
    page.page.evaluate(_FAIL)
    expect(page.view.get_by_role("alert")).to_contain_text("The list cannot be had")


def test_what_is_printed_is_the_list_and_not_what_is_in_sight(practice: LookAtPractice) -> None:
    page = practice()
    _made(page, 700)
    page.page.evaluate("window.print = () => {}")
    page.page.evaluate("window.table.print()")
    page.page.emulate_media(media="print")
    expect(page.view.get_by_role("table").get_by_role("row")).to_have_count(701)
    expect(page.view.get_by_role("grid")).to_be_hidden()
    expect(page.page.get_by_role("navigation")).to_have_count(0)
    page.page.emulate_media(media="screen")
    page.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    expect(page.view.get_by_role("grid")).to_be_visible()
