"""The bench's page in Debian's Chromium: a key to its new screen, and a busy trace without falling behind."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from playwright.sync_api import Page, sync_playwright

from tla_sim.tools.bench.report import Figure

_CHROMIUM: Final = Path("/usr/bin/chromium")
_PRESSES: Final = 60
_BUSY_PRESSES: Final = 25
"""Fewer, so that they end before the traffic does."""

_KEY_MS: Final = 100
_RATE: Final = 5_000
_SECONDS: Final = 6
_LATE_MS: Final = 500
"""A person at the page takes it as what happens now."""

_WATCH: Final = """() => {
  window.told = [];
  let pressed = 0;
  document.addEventListener("pointerdown", (event) => { pressed = event.timeStamp; }, true);
  const painted = new MessageChannel();
  painted.port1.onmessage = ({ data }) => told.push(performance.now() - data);
  new MutationObserver(() => {
    const at = pressed;
    requestAnimationFrame(() => painted.port2.postMessage(at));
  }).observe(document.querySelector("tla-lcd"), { attributeFilter: ["data-revision"] });
}"""
"""From the press of the mouse, as the browser stamps it, to the frame painted with the new screen."""

_NEWEST: Final = """() => Math.max(0, ...[...document.querySelectorAll("tr[data-number]")]
  .map((row) => Number(row.dataset.number)))"""


def measure() -> list[Figure]:
    """Time keys on a reader at rest and on one whose trace runs, and how late the trace then is."""
    with (
        subprocess.Popen(
            [sys.executable, "-m", "tla_sim.tools.bench.page_subject"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as subject,
        sync_playwright() as playwright,
    ):
        assert subject.stdin is not None
        assert subject.stdout is not None
        browser = playwright.chromium.launch(
            executable_path=_CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        try:
            page = browser.new_page(locale="en-GB")
            page.goto(subject.stdout.readline().strip())
            page.locator('tla-lcd:not([data-revision="0"])').wait_for()
            page.get_by_role("tab", name="Trace", exact=True).click()
            page.evaluate(_WATCH)
            at_rest = _key_ms(page, _PRESSES)
            print(_RATE, _SECONDS, file=subject.stdin, flush=True)
            busy = _key_ms(page, _BUSY_PRESSES)
            rate, last = map(int, subject.stdout.readline().split())
            late = _late_ms(page, last)
        finally:
            browser.close()
            subject.stdin.close()
    limit = f"a limit of {_KEY_MS} ms"
    return [
        Figure("key to new screen on the page", at_rest, "ms", limit, _KEY_MS, 1, True),
        Figure(f"the same while {_RATE:,} APDUs pass a second", busy, "ms", limit, _KEY_MS, 1, True),
        Figure("APDUs a second with the page open", rate, "1/s", "the rate asked for", _RATE, 0.95, False),
        Figure("the trace on the page, how late", late, "ms", f"a limit of {_LATE_MS} ms", _LATE_MS, 1, True),
    ]


def _key_ms(page: Page, presses: int) -> float:
    """Press 1 and COR in turn; return the median time from the press to the painted screen."""
    page.evaluate("told.length = 0")
    for press in range(presses):
        page.locator(f'[data-key="{"COR" if press % 2 else "1"}"]').click()
        page.wait_for_function("count => told.length > count", arg=press)
    taken: list[float] = page.evaluate("told")
    return statistics.median(taken)


def _late_ms(page: Page, last: int) -> float:
    """Return how long after its last exchange the page shows it."""
    start = time.perf_counter()
    page.wait_for_function(f"last => ({_NEWEST})() >= last", arg=last)
    return (time.perf_counter() - start) * 1e3
