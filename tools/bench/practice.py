"""The practice's page in Debian's Chromium with a list of 50,000: its first paint, a filter, its memory."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page, sync_playwright

from tla_sim.host.ledger.ledger import Ledger
from tla_sim.tools.bench.long_list import LISTED, multiply
from tla_sim.tools.bench.report import Figure
from tla_sim.tools.bench.stage import Stage

_CHROMIUM: Final = Path("/usr/bin/chromium")
_LISTS: Final = {"list of FSEs to send": "lists/3", "list of invoices": "invoices"}
_LOADS: Final = 5
_TYPED: Final = ("PATIENT 1", "PATIENT 12", "PATIENT 123", "PATIENT 97", "")
_PAINT_MS: Final = 1_000
_FILTER_MS: Final = 300
_GROWN: Final = 2
_SCROLLS: Final = 60
_PATIENCE_MS: Final = 60_000

_WATCH: Final = """() => {
  window.painted = {};
  const channel = new MessageChannel();
  channel.port1.onmessage = ({ data: [what, since] }) => { painted[what] = performance.now() - since; };
  const tell = (what, since) => requestAnimationFrame(() => channel.port2.postMessage([what, since]));
  let typed = null, before = null, first = true;
  document.addEventListener("input", (event) => {
    typed = event.timeStamp;
    before = document.querySelector(".list-foot [role=status]").textContent;
  }, true);
  new MutationObserver(() => {
    if (first && document.querySelector("tr.list-row:not(.list-row-awaited)") !== null) {
      first = false;
      tell("first", 0);
    }
    if (typed !== null && document.querySelector(".list-foot [role=status]").textContent !== before) {
      tell("filter", typed);
      typed = null;
    }
  }).observe(document, { subtree: true, childList: true, characterData: true });
}"""
"""From the navigation to the frame with the first rows; from a keystroke to the frame with what passes."""

_ALL_CAME: Final = """() => {
  const { bottom: head } = document.querySelector(".list-table th").getBoundingClientRect();
  const { bottom: foot } = document.querySelector(".list-scroller").getBoundingClientRect();
  return [...document.querySelectorAll("tr.list-row-awaited")].map((row) => row.getBoundingClientRect())
    .every(({ top, bottom }) => bottom <= head || top >= foot);
}"""


def measure() -> list[Figure]:
    """Time both long lists of the page against what was promised, and how much the page keeps of them."""
    with (
        tempfile.TemporaryDirectory(prefix="tla-bench-") as directory,
        _served(Path(directory) / "list.sqlite") as url,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=_CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--js-flags=--expose-gc"],
        )
        try:
            return [
                each for what, view in _LISTS.items() for each in _of(browser, f"{url}practice#{view}", what)
            ]
        finally:
            browser.close()


@contextmanager
def _served(path: Path) -> Iterator[str]:
    """Serve a practice whose ledger has the long list; give its URL."""
    with Ledger.open(path) as ledger:
        ledger.record_prepared(Stage(1).documents)
    multiply(path, LISTED)
    with subprocess.Popen(
        [sys.executable, "-m", "tla_sim.tools.cli.entry", "web", "--json", "--ledger", str(path)],
        stdout=subprocess.PIPE,
        text=True,
    ) as served:
        assert served.stdout is not None
        try:
            yield json.loads(served.stdout.readline())["url"]
        finally:
            served.terminate()


def _of(browser: Browser, url: str, what: str) -> list[Figure]:
    page = browser.new_page(locale="en-GB")
    page.set_default_timeout(_PATIENCE_MS)
    page.add_init_script(f"({_WATCH})()")
    page.goto(url)
    page.wait_for_function("() => painted.first !== undefined")
    first = statistics.median(_reloaded_ms(page) for _ in range(_LOADS))
    filtered = statistics.median(_filter_ms(page, typed) for typed in _TYPED)
    heap, rows = _scrolled(page)
    page.close()
    return [
        Figure(f"{what}: first paint of {LISTED:,} rows", first, "ms", "a limit of 1 s", _PAINT_MS, 1, True),
        Figure(f"{what}: filter", filtered, "ms", "a limit of 300 ms", _FILTER_MS, 1, True),
        Figure(f"{what}: heap, scrolled through", heap[1], "MB", "at its first paint", heap[0], _GROWN, True),
        Figure(f"{what}: rows in the page", rows, "rows", "the whole list", LISTED, 0.01, True),
    ]


def _reloaded_ms(page: Page) -> float:
    page.reload()
    page.wait_for_function("() => painted.first !== undefined")
    return float(page.evaluate("painted.first"))


def _filter_ms(page: Page, typed: str) -> float:
    page.evaluate("painted = {}")
    page.locator("main input[type=search]").first.fill(typed)
    page.wait_for_function("() => painted.filter !== undefined")
    return float(page.evaluate("painted.filter"))


def _scrolled(page: Page) -> tuple[tuple[float, float], int]:
    """Scroll through the list; return the heap before and after, in MB, and the most rows that were there."""
    before = _heap(page)
    most = 0
    scroller = page.locator(".list-scroller")
    for step in range(_SCROLLS + 1):
        scroller.evaluate(
            "(there, part) => { there.scrollTop = (there.scrollHeight - there.clientHeight) * part; }",
            step / _SCROLLS,
        )
        page.wait_for_function(_ALL_CAME)
        most = max(most, page.locator("tr.list-row").count())
    return (before, _heap(page)), most


def _heap(page: Page) -> float:
    return float(page.evaluate("(gc(), performance.memory.usedJSHeapSize)")) / 1e6
