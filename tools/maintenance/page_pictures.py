"""The pictures in the pages about the bench and the practice: `docs/pictures/*.png`, taken of the real pages.

    python -m tla_sim.tools.maintenance.page_pictures

They are taken in Chromium in both languages, with the light theme, and reduced to a palette so that they stay
small.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tla_sim.tools.cast import demo_practice
from tla_sim.tools.cast.people import CODE

PICTURES: Final = Path(__file__).resolve().parents[2] / "docs" / "pictures"
LOCALES: Final = {"en": "en-GB", "fr": "fr-FR"}
_CHROMIUM: Final = "/usr/bin/chromium"
_COLOURS: Final = 256
_NURSE: Final = demo_practice().invoices[0].owner
_INVOICES: Final = ("190305028", "190221022", "190221023", "190220006")


class Bench:
    """A bench of its own for each picture: what happens is done by HTTP, what is seen is the page."""

    def __init__(self, url: str, page: Page) -> None:
        self.page = page
        self._url = url

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """Ask the API under /v1. Raises RuntimeError when it refuses."""
        answer = self.page.request.fetch(f"{self._url}v1/{path}", method=method, data=body)
        if not answer.ok:
            raise RuntimeError(answer.text())
        return answer.json() if answer.body() else None

    def reader(self, method: str, path: str, body: object = None, name: str = "reader-1") -> Any:
        """Ask something of a reader."""
        return self.ask(method, f"readers/{name}/{path}", body)

    def load(self) -> None:
        """Load everything, and unplug the cable."""
        self.reader("PUT", "cable", {"plugged": True})
        self.ask("POST", "surgery/load", {"reader": "reader-1"})
        self.reader("PUT", "cable", {"plugged": False})

    def begin_visit(self) -> None:
        """Have the nurse at the patient's home, up to the code."""
        self.reader("PUT", "slots/ps", {"card": "cps-piqure2969-maya"})
        self.reader("PUT", "slots/vitale", {"card": "vitale-martin-paul"})
        self.reader("POST", "keys", {"keys": ["VAL"]})

    def at_desk(self, *cards: str) -> None:
        """Plug the cable in, with cards in the slots that they belong into."""
        self.reader("PUT", "cable", {"plugged": True})
        for card in cards:
            self.reader("PUT", f"slots/{'vitale' if card.startswith('vitale') else 'ps'}", {"card": card})

    def bill_all(self) -> None:
        """Bill the invoices of the first document: three degraded, one with the Vitale."""
        self.at_desk("cps-piqure2969-maya", "vitale-desmaux-nathalie")
        for number in _INVOICES:
            at = f"practice/invoices/{_NURSE}/{number}"
            self.ask("PUT", f"{at}/choices", {"degraded": number != _INVOICES[-1]})
            self.ask("POST", f"{at}/bill", {"reader": "reader-1", "code": CODE})

    def view(self, address: str, there: str) -> None:
        """Show a view of the practice's page, and wait until something is there."""
        self.page.evaluate("address => { location.hash = address; }", address)
        self.page.locator(there).first.wait_for()
        self.page.evaluate("document.activeElement.blur()")

    def panel(self, name: str) -> None:
        """Show a panel."""
        self.page.locator(f"[data-panel={name}]").click()

    def panel_picture(self, most: int) -> bytes:
        """Return a picture of the panel, at most so high."""
        self.page.evaluate("scrollTo(0, 0)")
        place = self.page.locator("tla-panels").bounding_box()
        assert place is not None
        place["height"] = min(place["height"], most)
        return self.page.screenshot(full_page=True, clip=place)

    def settled(self, text: str) -> None:
        """Wait until the reader's screen on the page shows a text."""
        self.page.wait_for_function(
            "text => document.querySelector('tla-lcd').textContent.includes(text)", arg=text
        )


def visit(bench: Bench) -> bytes:
    """A round under way: the code is asked for, and the page says what to do."""
    bench.load()
    bench.begin_visit()
    bench.panel("surgery")
    bench.settled("CODE PORTEUR")
    return bench.page.screenshot()


def trace(bench: Bench) -> bytes:
    """The trace, with an exchange opened: its bytes beside their fields."""
    bench.load()
    bench.panel("trace")
    bench.page.locator("tla-trace tr[data-number]", has_text="identify").last.click()
    bench.page.locator("tla-exchange").wait_for()
    return bench.panel_picture(1240)


def past(bench: Bench) -> bytes:
    """The screens so far, with one of the past chosen."""
    bench.load()
    bench.begin_visit()
    bench.reader("POST", "keys", {"keys": ["4321", "VAL"]})
    bench.panel("time")
    bench.settled("FAUX")
    bench.page.locator("tla-timeline [data-revision]").nth(-4).click()
    bench.page.set_viewport_size({"width": 1280, "height": 1600})
    return bench.page.locator("tla-timeline").screenshot()


def faults(bench: Bench) -> bytes:
    """Faults that have struck, and one to come."""
    bench.load()
    bench.reader("POST", "faults", {"plan": "ps.pull@0"})
    bench.begin_visit()
    bench.reader("POST", "faults", {"plan": "flash.cut@3"})
    bench.panel("faults")
    bench.page.locator("tla-faults .fault").first.wait_for()
    return bench.panel_picture(1240)


def technician(bench: Bench) -> bytes:
    """An old reader with its case opened beside a new one."""
    bench.ask("POST", "readers", {"name": "old-one", "profile": "1.31"})
    bench.reader("PUT", "battery", {"percent": 18}, "old-one")
    bench.reader("POST", "tamper", None, "old-one")
    bench.page.set_viewport_size({"width": 1280, "height": 960})
    bench.page.locator(".choices [aria-pressed]:not([data-reader])").click()
    bench.page.locator("[data-slot=ps]").nth(1).wait_for()
    return bench.page.screenshot()


def summary(bench: Bench) -> bytes:
    """An invoice as the first document's screen sums it up."""
    bench.at_desk("cps-piqure2969-maya")
    bench.view(f"invoices/{_NURSE}/{_INVOICES[0]}", "[data-choice=degraded]:not([aria-disabled])")
    bench.page.set_viewport_size({"width": 1280, "height": 1180})
    return bench.page.screenshot()


def question(bench: Bench) -> bytes:
    """The second document's question: a secretary with a CPE bills."""
    bench.at_desk("cpe-accueil4242-anne", "vitale-martin-paul")
    bench.view(f"invoices/{_NURSE}/{_INVOICES[0]}", "[data-choice=secured]:not([aria-disabled])")
    bench.page.locator("[data-choice=secured]").click()
    bench.page.locator("dialog input").fill(CODE)
    bench.page.keyboard.press("Enter")
    bench.page.locator("dialog:nth-of-type(2)").wait_for()
    return bench.page.screenshot()


def loading(bench: Bench) -> bytes:
    """The question before the round: other owners have invoices for the same patients."""
    bench.at_desk("cps-piqure2969-maya")
    bench.view("loading", ".loading-part button.button-primary:not([aria-disabled])")
    bench.page.locator(".loading-part button.button-primary").first.click()
    bench.page.locator("dialog .loading-others").wait_for()
    return bench.page.screenshot()


def lists(bench: Bench) -> bytes:
    """The table with which the first document ends."""
    bench.bill_all()
    bench.view("lists/3", "tr[data-place]")
    bench.page.set_viewport_size({"width": 1280, "height": 640})
    return bench.page.screenshot()


def sending(bench: Bench) -> bytes:
    """A file to send, and what is ready for the next one."""
    bench.bill_all()
    bench.ask("POST", "practice/lots", {"reader": "reader-1", "code": CODE, "numbers": [_INVOICES[0]]})
    bench.view("files", ".files-row")
    return bench.page.screenshot()


BENCH: Final[tuple[Callable[[Bench], bytes], ...]] = (visit, trace, past, faults, technician)
PRACTICE: Final[tuple[Callable[[Bench], bytes], ...]] = (summary, question, loading, lists, sending)
SCENES: Final = (*(("bench", each) for each in BENCH), *(("practice", each) for each in PRACTICE))


def main() -> int:
    """Take every picture."""
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=_CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--font-render-hinting=none"]
        )
        for language in LOCALES:
            for page, scene in SCENES:
                with _bench(browser, language, "practice" if page == "practice" else "") as bench:
                    _keep(scene(bench), PICTURES / f"{page}-{scene.__name__}-{language}.png")
        browser.close()
    return 0


@contextmanager
def _bench(browser: Browser, language: str, path: str) -> Iterator[Bench]:
    command = [sys.executable, "-m", "tla_sim.tools.cli.entry", "web", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as served:
        assert served.stdout is not None
        try:
            url = json.loads(served.stdout.readline())["url"]
            context = browser.new_context(
                viewport={"width": 1280, "height": 840}, locale=LOCALES[language], color_scheme="light"
            )
            page = context.new_page()
            page.goto(f"{url}{path}")
            page.locator("[data-panel=surgery], .bar-views").first.wait_for()
            yield Bench(url, page)
            context.close()
        finally:
            served.terminate()


def _keep(picture: bytes, path: Path) -> None:
    small = (
        Image.open(io.BytesIO(picture))
        .convert("RGB")
        .quantize(_COLOURS, Image.Quantize.MAXCOVERAGE, kmeans=4, dither=Image.Dither.NONE)
    )
    small.save(path, optimize=True)
    print(f"{path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    sys.exit(main())
