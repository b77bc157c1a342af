"""Two people look at one reader: each sees what the other does, at once."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.integration.web.browser_kit import View
from tests.integration.web.conftest import LookAt
from tests.integration.web.hands import Mouse
from tests.integration.web.web_process import WebProcess
from tla_sim.tools.language import Language

PATIENT = "vitale-martin-paul"


def test_each_sees_what_the_other_does(web: WebProcess, look: LookAt) -> None:
    one = look().reader("reader-1")
    other = look(View(Language.FR, "dark", 390)).reader("reader-1")
    mouse = Mouse()
    one.shows("TLA 1.40")
    other.shows("TLA 1.40")

    mouse.insert(one, PATIENT, "vitale")
    shown = web.lines("reader-1")
    for reader in (one, other):
        reader.holds("vitale", "MARTIN PAUL")
        for line in shown:
            reader.shows(line)

    mouse.use(other.removal("vitale"))
    expect(one.removal("vitale")).to_have_count(0)
    one.shows("TLA 1.40")
    mouse.use(other.switch("Power"))
    expect(one.switch("Power")).not_to_be_checked()
    expect(one.screen).to_be_empty()


def test_a_reader_made_elsewhere_appears_and_one_removed_goes(web: WebProcess, look: LookAt) -> None:
    bench = look()
    bench.reader("reader-1").shows("TLA 1.40")
    web.make_reader("reader-2")
    bench.button("Side by side").click()
    bench.reader("reader-2").shows("TLA 1.40")
    bench.reader("reader-1").shows("TLA 1.40")
    web.ask("DELETE", "/readers/reader-2")
    expect(bench.reader("reader-2").root).to_have_count(0)
    bench.reader("reader-1").shows("TLA 1.40")
