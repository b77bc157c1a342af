"""Looking back through the screens, going back, and snapshots, on the page."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.integration.web.bench_page import BenchPage
from tests.integration.web.browser_kit import View, violations
from tests.integration.web.conftest import LookAt
from tests.integration.web.web_process import WebProcess
from tla_sim.tools.language import Language


def open_time(bench: BenchPage) -> Page:
    bench.page.locator("[data-panel=time]").click()
    expect(bench.page.locator(".timeline-row").first).to_be_visible()
    return bench.page


def visit(web: WebProcess, bench: BenchPage) -> list[str]:
    """Go through a few screens by cable and card, and return the text of each as the page shows it."""
    reader = bench.reader("reader-1")
    vitale = next(card["name"] for card in cards(web) if card["kind"] == "vitale")
    steps: list[tuple[str, dict[str, object], str]] = [
        ("cable", {"plugged": True}, "ATTENTE ORDRE"),
        ("cable", {"plugged": False}, "INSEREZ LA CARTE"),
        ("slots/vitale", {"card": vitale}, "AUCUNE FACTURE"),
    ]
    shown = [reader.screen.inner_text()]
    for path, body, text in steps:
        web.ask("PUT", f"/readers/reader-1/{path}", body)
        reader.shows(text)
        shown.append(reader.screen.inner_text())
    return shown


def cards(web: WebProcess) -> list[dict[str, str]]:
    listed: list[dict[str, str]] = web.ask("GET", "/readers/reader-1/cards")["cards"]
    return listed


def test_looking_back_changes_nothing(web: WebProcess, look: LookAt) -> None:
    bench = look(View(Language.FR))
    page = open_time(bench)
    shown = visit(web, bench)
    expect(page.locator(".timeline-row")).to_have_count(len(shown))
    before = web.lines("reader-1")
    bench.button("First screen").click()
    expect(page.locator("tla-timeline")).to_have_attribute("data-looking", "past")
    expect(page.locator("tla-timeline [role=option][aria-selected=true]")).to_contain_text(
        shown[0].split()[0]
    )
    bench.button("One screen on").click()
    page.get_by_role("slider", name=bench.word("Screen to look at")).press("Home")
    assert web.lines("reader-1") == before
    bench.button("Look at the present").click()
    expect(page.locator("tla-timeline")).to_have_attribute("data-looking", "present")


def test_going_back_shows_the_old_screen_and_keeps_the_present(web: WebProcess, look: LookAt) -> None:
    bench = look()
    page = open_time(bench)
    shown = visit(web, bench)
    bench.button("First screen").click()
    bench.button("One screen on").click()
    bench.button("Go back to here").click()
    reader = bench.reader("reader-1")
    expect(reader.screen).to_have_text(shown[1])
    expect(page.locator("tla-timeline")).to_have_attribute("data-looking", "present")
    kept = page.get_by_role("list", name="Snapshots").get_by_role("listitem")
    expect(kept).to_contain_text("before rewind")
    kept.get_by_role("button", name="Restore").click()
    expect(reader.screen).to_have_text(shown[-1])


def test_a_snapshot_is_saved_taken_away_and_brought_back(
    web: WebProcess, look: LookAt, tmp_path: Path
) -> None:
    bench = look()
    page = open_time(bench)
    reader = bench.reader("reader-1")
    web.ask("PUT", "/readers/reader-1/cable", {"plugged": True})
    reader.shows("ATTENTE ORDRE")
    page.get_by_label("Name").fill("plugged")
    bench.button("Save this moment").click()
    expect(page.get_by_text("Saved as plugged.")).to_be_visible()
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Download plugged").click()
    file = tmp_path / downloading.value.suggested_filename
    downloading.value.save_as(file)
    web.ask("PUT", "/readers/reader-1/cable", {"plugged": False})
    reader.shows("INSEREZ LA CARTE")
    page.get_by_role("button", name="Remove the snapshot plugged").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove the snapshot").click()
    expect(page.locator("[data-snapshot]")).to_have_count(0)
    page.locator("tla-snapshots input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Restore plugged").click()
    reader.shows("ATTENTE ORDRE")
    expect(page.get_by_text("A snapshot holds test keys")).to_be_visible()


def test_a_file_that_is_no_snapshot_is_refused_with_the_reason(look: LookAt, tmp_path: Path) -> None:
    bench = look(allowed="400|409|415")
    page = open_time(bench)
    file = tmp_path / "holiday.tlasnap"
    file.write_bytes(b"not a snapshot")
    page.locator("tla-snapshots input[type=file]").set_input_files(file)
    expect(page.get_by_role("alert").filter(has_text="snapshot")).to_be_visible()


def test_the_past_is_accessible(web: WebProcess, look: LookAt) -> None:
    bench = look(View(Language.FR, "dark", 390))
    page = open_time(bench)
    visit(web, bench)
    bench.button("First screen").click()
    page.locator("tla-snapshots input[name=name]").fill("x")
    bench.button("Save this moment").click()
    expect(page.locator("[data-snapshot]")).to_have_count(1)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
