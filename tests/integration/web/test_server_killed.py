"""The server is killed and started again while the page is open: it goes on, and shows nothing twice."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.integration.web.browser_kit import looking
from tests.integration.web.hands import Mouse
from tests.integration.web.web_process import serving

_BREAKS_OFF = "net::ERR_"
"""The console tells each request that finds nobody."""


def test_the_page_reconnects_and_shows_nothing_twice(browser: Browser, tmp_path: Path) -> None:
    state = tmp_path / "state"
    with serving("--state", state) as first:
        (name,) = first.readers
        with looking(browser, first.url, allowed=_BREAKS_OFF) as bench:
            reader, mouse = bench.reader(name), Mouse()
            reader.shows("TLA 1.40")
            connection = bench.page.get_by_role("status").filter(has_text=bench.word("Connected"))
            expect(connection).to_have_count(1)
            first.ask("PUT", f"/readers/{name}/cable", {"plugged": True})
            first.ask("POST", f"/readers/{name}/apdu", {"device": "log_sv", "command": "8010000000"})
            bench.tab("Trace").click()
            rows = bench.page.locator("tr[data-number]")
            expect(rows).to_have_count(1)

            first.kill()
            expect(connection).to_have_count(0)
            mouse.press(reader, "1")
            expect(bench.page.get_by_role("alert")).to_contain_text(bench.word("The bench does not answer"))

            with serving("--state", state, port=first.port) as second:
                expect(connection).to_have_count(1)
                reader.shows("TLA 1.40")
                expect(rows).to_have_count(0)
                second.ask("PUT", f"/readers/{name}/cable", {"plugged": True})
                for number in range(1, 4):
                    second.ask("POST", f"/readers/{name}/apdu", {"device": "log_sv", "command": "8010000000"})
                    expect(rows).to_have_count(number)
                numbers = rows.evaluate_all("rows => rows.map((row) => row.dataset.number)")
                assert len(set(numbers)) == 3
                mouse.use(reader.switch("Cable"))
                reader.shows("TLA 1.40")
                expect(bench.page.get_by_role("alert")).to_have_count(0)
