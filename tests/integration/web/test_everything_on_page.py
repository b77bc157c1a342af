"""The page can do all that the HTTP API can: where on the page each of its operations is.

A new route fails here until it has its place. What the page reads while somebody walks its tabs is observed;
the rest is in PLACES, and each place is looked up on the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, Literal, NamedTuple
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, Request, expect

from tests.integration.web.bench_page import BenchPage
from tests.integration.web.conftest import LookAt
from tests.integration.web.web_process import WebProcess
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.tools.cast import demo_practice
from tla_sim.tools.cast.cards import Cast

AT: Final = "/v1/readers/reader-1"
Role = Literal["button", "switch", "slider", "menuitem", "combobox", "link", "row"]


class Place(NamedTuple):
    """A control of the page by its English name, on a tab ("" is none of them), once `within` was opened."""

    tab: str
    role: Role
    name: str
    within: str = ""


PLACES: Final[Mapping[str, Place]] = {
    "GET /v1/profiles": Place("", "button", "New reader…"),
    "POST /v1/readers": Place("", "button", "New reader…"),
    "DELETE /v1/readers/{reader}": Place("", "menuitem", "Remove this reader…", "More for {reader}"),
    "GET /v1/readers/{reader}/screen.txt": Place(
        "", "menuitem", "Copy the text of the screen", "More for {reader}"
    ),
    "GET /v1/readers/{reader}/screen.png": Place(
        "", "menuitem", "Open the screen as a picture", "More for {reader}"
    ),
    "GET /v1/readers/{reader}/screen.svg": Place(
        "", "menuitem", "Open the screen as a drawing (SVG)", "More for {reader}"
    ),
    "POST /v1/readers/{reader}/keys": Place("", "button", "VAL"),
    "POST /v1/readers/{reader}/cards": Place("", "button", "Add a card…"),
    "DELETE /v1/readers/{reader}/cards/{name}": Place(
        "", "menuitem", "Take it out of the tray", "Insert CPS of 80250000011169461572 (mine)"
    ),
    "PUT /v1/readers/{reader}/slots/{slot}": Place("", "button", "Insert a card: PS slot"),
    "DELETE /v1/readers/{reader}/slots/{slot}": Place("", "button", "Remove"),
    "PUT /v1/readers/{reader}/power": Place("", "switch", "Power"),
    "PUT /v1/readers/{reader}/cable": Place("", "switch", "Cable"),
    "PUT /v1/readers/{reader}/battery": Place("", "slider", "Battery"),
    "POST /v1/readers/{reader}/tamper": Place("", "button", "Open the case…"),
    "GET /v1/readers/{reader}/links": Place("Links", "button", "Copy {link}"),
    "POST /v1/readers/{reader}/links": Place("Links", "button", "Open a link"),
    "DELETE /v1/readers/{reader}/links/{link}": Place("Links", "button", "Close {link}"),
    "POST /v1/readers/{reader}/apdu": Place("Trace", "button", "Send", "Send a command…"),
    "POST /v1/readers/{reader}/verify": Place("Trace", "button", "Verify", "Verify a code porteur…"),
    "DELETE /v1/readers/{reader}/trace": Place("Trace", "button", "Clear"),
    "GET /v1/readers/{reader}/trace.pcapng": Place("Trace", "link", "Download for Wireshark"),
    "PATCH /v1/readers/{reader}/clock": Place("Time", "button", "Pause"),
    "POST /v1/readers/{reader}/clock/advance": Place("Time", "button", "Advance"),
    "GET /v1/readers/{reader}/timeline/{revision}": Place("Time", "slider", "Screen to look at"),
    "POST /v1/readers/{reader}/rewind": Place("Time", "button", "Go back to here"),
    "POST /v1/readers/{reader}/snapshots": Place("Time", "button", "Save this moment"),
    "POST /v1/readers/{reader}/snapshots/{name}/restore": Place("Time", "button", "Restore kept"),
    "GET /v1/readers/{reader}/snapshots/{name}": Place("Time", "link", "Download kept"),
    "PUT /v1/readers/{reader}/snapshots/{name}": Place("Time", "button", "Import a file…"),
    "DELETE /v1/readers/{reader}/snapshots/{name}": Place("Time", "button", "Remove the snapshot kept"),
    "POST /v1/readers/{reader}/rules": Place("Rules", "button", "Add the rule"),
    "DELETE /v1/readers/{reader}/rules/{rule}": Place("Rules", "button", "Remove rule 1"),
    "POST /v1/readers/{reader}/wait": Place("Rules", "button", "Wait"),
    "POST /v1/readers/{reader}/faults": Place("Faults", "button", "Inject"),
    "DELETE /v1/readers/{reader}/faults": Place("Faults", "button", "Take all back"),
    "POST /v1/surgery/load": Place("Surgery", "button", "Load"),
    "POST /v1/surgery/unload": Place("Surgery", "button", "Bring back"),
    "POST /v1/surgery/sign": Place("Surgery", "button", "Sign"),
    "POST /v1/surgery/transmit": Place("Surgery", "button", "Transmit"),
}
ELSEWHERE: Final[Mapping[str, str]] = {
    "GET /v1/readers/{reader}": "asked after what is done at the reader; GET /v1/readers tells it first",
    "GET /v1/readers/{reader}/clock": "asked while the clock runs; GET /v1/readers tells it first",
    "GET /v1/readers/{reader}/screen": "the screen is always in sight, and the events tell of each new one",
    "GET /v1/readers/{reader}/events": "the page follows the events of all readers, by GET /v1/events",
    "GET /v1/readers/{reader}/session/start": "a link beside a session's text that a new reader cannot begin",
    "GET /v1/surgery/files/{name}": "a link in what is told of a transmission",
    "GET /v1/surgery/readers/{reader}": "asked once the practice has loaded the reader and its cable is in",
}
PRACTICE: Final = "practice"
"""The tag of what the practice's own screens are for: it is not done on the bench."""


def test_every_operation_of_the_api_has_its_place_on_the_page(web: WebProcess, look: LookAt) -> None:
    link = _prepare(web)
    bench = look()
    read: set[str] = set()
    patterns = {operation: _pattern(operation) for operation in _operations(web)}

    def note(request: Request) -> None:
        asked = f"{request.method} {urlsplit(request.url).path}"
        read.update(operation for operation, pattern in patterns.items() if pattern.fullmatch(asked))

    bench.page.on("request", note)
    bench.page.reload()
    bench.reader("reader-1").holds("vitale", "MARTIN PAUL")
    for tab in bench.tabs:
        tab.click()
    bench.tab("Trace").click()
    with bench.page.expect_response("**/trace/1"):
        bench.page.locator("tr[data-number]").first.click()
    for operation, place in PLACES.items():
        expect(_found(bench, place, link), operation).to_be_visible()
    bench.page.remove_listener("request", note)
    placed = {*read, *PLACES, *ELSEWHERE}
    assert [operation for operation in patterns if operation not in placed] == [], (
        "where on the page are they?"
    )
    assert sorted(placed - set(patterns)) == [], "the API has no such operations"


def _prepare(web: WebProcess) -> str:
    """Leave something to act on in every panel. Return the URL of the link."""
    ask = web.ask
    at = AT.removeprefix("/v1")
    ask("PUT", f"{at}/cable", {"plugged": True})
    ask("PUT", f"{at}/slots/vitale", {"card": "MARTIN"})
    ask("POST", f"{at}/apdu", {"device": "log_sv", "command": "8010000000"})
    ask("POST", f"{at}/snapshots", {"name": "kept"})
    ask("POST", f"{at}/rules", {"text": "NEVER SHOWN", "keys": ["VAL"]})
    ask("POST", f"{at}/faults", {"plan": "ps.pull@5"})
    image = Cast(demo_practice(), SeededEntropy(5)).cards[0].image.build()
    kind = {"Content-Type": "application/octet-stream"}
    assert web.api.post(f"{AT}/cards?name=mine", content=image, headers=kind).is_success
    return str(ask("POST", f"{at}/links", {"link": "tcp:0"})["url"])


def _operations(web: WebProcess) -> Iterator[str]:
    for path, methods in web.api.get("/openapi.json").json()["paths"].items():
        for method, told in methods.items():
            if PRACTICE not in told["tags"]:
                yield f"{method.upper()} {path}"


def _pattern(operation: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(operation)))


def _found(bench: BenchPage, place: Place, link: str) -> Locator:
    page: Page = bench.page
    if place.tab:
        bench.tab(place.tab).click()
    if place.within:
        page.keyboard.press("Escape")
        opener = page.get_by_role("button", name=place.within.format(reader="reader-1"), exact=True)
        (opener if place.role == "menuitem" else page.get_by_text(place.within, exact=True)).click()
    name = place.name.format(reader="reader-1", link=link)
    return page.get_by_role(place.role, name=name, exact=True).first
