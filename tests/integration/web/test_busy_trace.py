"""Thousands of exchanges a second: the page shows the newest at once, and says how many it does not show."""

from __future__ import annotations

import subprocess
import sys

from playwright.sync_api import Browser, expect

from tests.integration.web.browser_kit import looking


def test_the_page_keeps_up_and_says_what_it_leaves_out(browser: Browser) -> None:
    subject = [sys.executable, "-m", "tla_sim.tools.bench.page_subject"]
    with subprocess.Popen(subject, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as served:
        assert served.stdin is not None
        assert served.stdout is not None
        with looking(browser, served.stdout.readline().strip().rstrip("/")) as bench:
            reader = bench.reader("reader-1")
            reader.shows("CODE PORTEUR")
            bench.tab("Trace").click()
            print(5_000, 1, file=served.stdin, flush=True)
            reader.key("1").click()
            reader.shows("*")
            _, last = served.stdout.readline().split()
            rows = bench.page.locator("tr[data-number]")
            expect(bench.page.locator(f'tr[data-number="{last}"]')).to_be_visible()
            assert rows.count() < int(last)
            numbers = rows.evaluate_all("rows => rows.map((row) => Number(row.dataset.number))")
            assert numbers == sorted(set(numbers))
        served.stdin.close()
