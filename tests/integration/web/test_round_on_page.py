"""The whole round of the demo on the page: by mouse and by keyboard alone, in both languages."""

from __future__ import annotations

from collections import Counter

import pytest
from playwright.sync_api import Browser, expect

from tests.integration.web.bench_page import BenchPage, ReaderOnPage
from tests.integration.web.browser_kit import View, looking
from tests.integration.web.hands import Hands, Keyboard, Mouse
from tests.integration.web.web_process import WebProcess, serving
from tla_sim.protocol.documents.certificates import TrustAnchors
from tla_sim.protocol.documents.document import Document
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.documents.verification import verify_fse
from tla_sim.tools.cast import demo_practice
from tla_sim.tools.cast.people import CODE
from tla_sim.tools.language import Language

NURSE = "cps-piqure2969-maya"
PATIENTS = {"vitale-martin-paul": 5, "vitale-desmaux-nathalie": 4}
"""The cards of those who are visited, and how many invoices are then signed."""

OTHERS = {"cps-toubib-paul": "TOUBIB PAUL", "cps-masseur3107-luc": "MASSEUR3107 LUC"}
"""The owners whose card was not at the patients' home."""

SENT = len(demo_practice().invoices) - 1
"""All but the one of a patient without rights."""


@pytest.mark.parametrize(
    ("language", "by_mouse"), [(Language.EN, True), (Language.FR, False)], ids=["en-mouse", "fr-keyboard"]
)
def test_the_round_is_played_to_its_end(browser: Browser, language: Language, by_mouse: bool) -> None:
    with serving() as web, looking(browser, web.url, View(language)) as bench:
        reader = bench.reader("reader-1")
        hands: Hands = Mouse() if by_mouse else Keyboard(bench.page)
        reader.shows("TLA 1.40")
        hands.use(bench.tab("Surgery"))
        _load(bench, reader, hands)
        for card, invoices in PATIENTS.items():
            _visit(reader, hands, card, invoices)
        _come_back(bench, reader, hands)
        for card, owner in OTHERS.items():
            _sign(bench, reader, hands, card, owner)
        hands.use(bench.button("Transmit"))
        sent = bench.word(
            "{count} FSE written for transmission", "{count} FSEs written for transmission", count=SENT
        )
        expect(bench.done.last).to_have_text(sent)
        _left_whole(web)


def _load(bench: BenchPage, reader: ReaderOnPage, hands: Hands) -> None:
    hands.use(reader.switch("Cable"))
    expect(reader.switch("Cable")).to_be_checked()
    hands.use(bench.button("Load"))
    expect(bench.done.filter(has_text="MASSEUR3107 LUC")).to_have_count(1)
    hands.use(reader.switch("Cable"))
    expect(reader.switch("Cable")).not_to_be_checked()
    hands.insert(reader, NURSE, "ps")
    reader.holds("ps", "PIQURE2969 MAYA")


def _visit(reader: ReaderOnPage, hands: Hands, card: str, invoices: int) -> None:
    hands.insert(reader, card, "vitale")
    reader.shows("VAL=SIGNER")
    hands.press(reader, "VAL")
    reader.shows("CODE PORTEUR")
    hands.press(reader, CODE, "VAL")
    reader.shows(f"{invoices} FACTURES SIGNEES")
    hands.press(reader, "VAL")
    hands.use(reader.removal("vitale"))
    expect(reader.removal("vitale")).to_have_count(0)


def _come_back(bench: BenchPage, reader: ReaderOnPage, hands: Hands) -> None:
    hands.use(reader.switch("Cable"))
    expect(reader.switch("Cable")).to_be_checked()
    hands.use(bench.button("Bring back"))
    reader.shows("CODE PORTEUR")
    hands.press(reader, CODE, "VAL")
    brought = bench.word(
        "{complete} complete and {partial} partially certified FSEs brought back", complete=4, partial=5
    )
    expect(bench.done.filter(has_text=brought)).to_have_count(1)


def _sign(bench: BenchPage, reader: ReaderOnPage, hands: Hands, card: str, owner: str) -> None:
    hands.use(reader.removal("ps"))
    expect(reader.removal("ps")).to_have_count(0)
    hands.insert(reader, card, "ps")
    reader.holds("ps", owner)
    hands.use(bench.button("Sign"))
    reader.shows("CODE PORTEUR")
    hands.press(reader, CODE, "VAL")
    expect(bench.done.filter(has_text=owner).nth(1)).to_be_attached()


def _left_whole(web: WebProcess) -> None:
    """Every file that left verifies, with all its signatures."""
    anchors = TrustAnchors.shipped()
    names = [each["file"] for each in web.ask("GET", "/surgery")["documents"] if each["file"]]
    left = [web.api.get(f"/v1/surgery/files/{name}").content for name in names]
    states = Counter(verify_fse(Document(each), anchors).state for each in left)
    assert states == {InvoiceState.COMPLETE: 4, InvoiceState.FINAL: 5}
