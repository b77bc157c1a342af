"""The live trace on the page: filtered, held still, and each exchange with its bytes beside its fields."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.integration.web.bench_page import BenchPage
from tests.integration.web.browser_kit import View, violations
from tests.integration.web.conftest import LookAt
from tests.integration.web.web_process import WebProcess
from tla_sim.tools.language import Language

IDENTIFY = ("log_sv", "80100000000000")
READ_CLOCK = ("log_sv", "80140000000000")
READ_VITALE = ("log_sv", "8022000000000800000000000000000000")
VERIFY = ("ps", "0020000108" + b"9753".hex() + "FFFFFFFF")


@pytest.fixture
def traced(web: WebProcess) -> WebProcess:
    """The bench after a few commands: two that went well, one that was refused, one with a wrong code."""
    cards = web.ask("GET", "/readers/reader-1/cards")["cards"]
    web.ask("PUT", "/readers/reader-1/cable", {"plugged": True})
    ps_card = next(card["name"] for card in cards if card["kind"] == "cps")
    web.ask("PUT", "/readers/reader-1/slots/ps", {"card": ps_card})
    for device, apdu in (IDENTIFY, READ_CLOCK, READ_VITALE, ("ps", "FE14000000"), VERIFY):
        send(web, device, apdu)
    return web


def send(web: WebProcess, device: str, apdu: str) -> None:
    web.ask("POST", "/readers/reader-1/apdu", {"device": device, "command": apdu})


def open_trace(bench: BenchPage) -> None:
    bench.page.locator("[data-panel=trace]").click()


def rows(page: Page) -> Locator:
    return page.locator("tla-trace tr[data-number]")


def names(page: Page) -> list[str]:
    return page.locator("tla-trace .trace-name").all_inner_texts()


def test_commands_are_listed_with_name_way_and_status(traced: WebProcess, look: LookAt) -> None:
    bench = look()
    open_trace(bench)
    expect(rows(bench.page)).to_have_count(5)
    assert names(bench.page) == ["identify", "read_clock", "read_vitale", "slot power on", "VERIFY"]
    refused = rows(bench.page).nth(2)
    expect(refused).to_contain_text("The code porteur has not been verified")
    expect(refused).to_contain_text("Log_SV")
    send(traced, *READ_CLOCK)
    expect(rows(bench.page)).to_have_count(6)


@pytest.mark.usefixtures("traced")
def test_a_choice_of_commands_is_shown(look: LookAt) -> None:
    bench = look(View(Language.FR))
    open_trace(bench)
    expect(rows(bench.page)).to_have_count(5)
    bench.button("Errors only").click()
    expect(rows(bench.page)).to_have_count(2)
    bench.button("Errors only").click()
    bench.page.get_by_role("searchbox").fill("READ_")
    expect(rows(bench.page)).to_have_count(2)
    bench.page.get_by_role("searchbox").fill("nothing like it")
    expect(bench.page.get_by_text(bench.word("Nothing passes the filter."))).to_be_visible()
    bench.page.get_by_role("searchbox").fill("")
    bench.page.get_by_label(bench.word("Device")).select_option("ps")
    expect(rows(bench.page)).to_have_count(2)


def test_links_are_chosen_by_the_names_that_the_rows_show(traced: WebProcess, look: LookAt) -> None:
    """The bench's own links, too, are called what they are for, in the language of the page."""
    traced.ask("POST", "/surgery/unload", {"reader": "reader-1", "code": "1234"})
    bench = look(View(Language.FR))
    open_trace(bench)
    link = bench.page.locator("tla-trace").get_by_label(bench.word("Link"), exact=True)
    expect(link.locator("option")).to_have_text(
        [bench.word("All links"), bench.word("HTTP API"), bench.word("surgery")]
    )
    link.select_option(label=bench.word("surgery"))
    expect(rows(bench.page).first).to_contain_text(bench.word("surgery"))
    expect(rows(bench.page).filter(has_text=bench.word("HTTP API"))).to_have_count(0)
    bench.page.get_by_role("searchbox").fill(bench.word("surgery"))
    expect(rows(bench.page).first).to_be_visible()


def test_a_paused_trace_stands_still_and_counts_what_came(traced: WebProcess, look: LookAt) -> None:
    bench = look()
    open_trace(bench)
    expect(rows(bench.page)).to_have_count(5)
    pause = bench.page.locator("tla-trace").get_by_role("button", name="Pause", exact=True)
    pause.click()
    for _ in range(3):
        send(traced, *READ_CLOCK)
    expect(bench.page.get_by_text("Paused: 3 new")).to_be_visible()
    expect(rows(bench.page)).to_have_count(5)
    pause.click()
    expect(rows(bench.page)).to_have_count(8)


def test_bytes_and_fields_mark_each_other(traced: WebProcess, look: LookAt) -> None:
    bench = look()
    page = bench.page
    open_trace(bench)
    rows(page).filter(has_text="identify").click()
    answer = page.locator("tla-bytes").nth(1)
    field = answer.get_by_role("treeitem").filter(has_text="manufacturer").first
    field.hover()
    marked = answer.locator(".byte-marked")
    assert bytes.fromhex("".join(marked.all_inner_texts())) == b"\x07TLA-SIM"
    answer.locator("[data-at]").nth(9).hover()
    expect(answer.locator('[role=treeitem][aria-selected="true"]')).to_contain_text("reader_type")
    whole = traced.ask("GET", "/readers/reader-1/trace/1")["response"]
    assert "".join(answer.locator(".byte").all_inner_texts()) == whole


@pytest.mark.usefixtures("traced")
def test_the_trace_is_read_by_keyboard_alone(look: LookAt) -> None:
    bench = look()
    page = bench.page
    open_trace(bench)
    expect(rows(page)).to_have_count(5)
    grid = page.get_by_role("grid")
    grid.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Exchange 2: read_clock")).to_be_focused()
    answer = page.locator("tla-bytes").nth(1)
    expect(answer.get_by_role("treeitem").first).to_contain_text("moment")
    answer.get_by_role("treeitem").first.focus()
    assert len(answer.locator(".byte-marked").all()) == 8
    page.keyboard.press("ArrowDown")
    expect(answer.get_by_role("treeitem").filter(has_text="SW")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("tla-exchange")).to_have_count(0)
    expect(grid).to_be_focused()


@pytest.mark.usefixtures("traced")
def test_a_code_is_nowhere_on_the_page(look: LookAt) -> None:
    bench = look()
    open_trace(bench)
    rows(bench.page).filter(has_text="VERIFY").click()
    expect(bench.page.get_by_role("treeitem").filter(has_text="code, blanked")).to_be_visible()
    assert "39373533" not in re.sub(r"\s", "", bench.page.content())
    assert bench.page.locator("tla-exchange").inner_text().count("9753") == 0


def test_clearing_forgets_the_exchanges_for_everybody(traced: WebProcess, look: LookAt) -> None:
    bench = look()
    open_trace(bench)
    expect(rows(bench.page)).to_have_count(5)
    bench.page.locator("tla-trace").get_by_role("button", name="Clear", exact=True).click()
    expect(rows(bench.page)).to_have_count(0)
    assert traced.ask("GET", "/readers/reader-1/trace")["exchanges"] == []
    send(traced, *READ_CLOCK)
    expect(rows(bench.page)).to_have_count(1)


@pytest.mark.usefixtures("traced")
def test_an_exchange_with_its_bytes_is_accessible(look: LookAt) -> None:
    bench = look(View(Language.FR, "dark", 390))
    open_trace(bench)
    rows(bench.page).first.click()
    expect(bench.page.get_by_role("treeitem").first).to_be_visible()
    assert violations(bench.page) == []


def test_what_the_stream_left_out_is_said_and_fetched(web: WebProcess, look: LookAt) -> None:
    bench = look(allowed="404")
    open_trace(bench)
    web.ask("PUT", "/readers/reader-1/cable", {"plugged": True})
    for _ in range(12):
        send(web, *READ_CLOCK)
    told = bench.page.evaluate(
        """async () => {
          const { traceOf } = await import("/assets/js/trace_store.js");
          const reader = Object.assign(new EventTarget(), { path: "/v1/readers/reader-1" });
          const { exchanges } = await (await fetch(`${reader.path}/trace`)).json();
          const empty = Object.assign(new EventTarget(), { path: "/v1/readers/none" });
          const trace = traceOf(empty);
          await new Promise((done) => setTimeout(done, 300));
          trace.reader = reader;
          const come = (found) =>
            empty.dispatchEvent(new CustomEvent("exchange", { detail: { exchanges: found } }));
          come([exchanges[0]]);
          come([exchanges[0], exchanges[11]]);
          const before = trace.items.map((item) => item.gap?.count ?? item.exchange.number);
          const leftOut = trace.leftOut;
          await trace.fill(trace.items[1]);
          const after = trace.items.map((item) => item.exchange.number);
          return { before, leftOut, after, still: trace.leftOut };
        }"""
    )
    assert told == {"before": [1, 10, 12], "leftOut": 10, "after": list(range(1, 13)), "still": 0}
