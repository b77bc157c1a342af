"""Scans and sheets over HTTP: checked, kept, looked at, detached; what is served, and how."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.scans import image_bytes, page, scan_pdf, signature_png
from tests.tools.web.bench_kit import TestClient
from tests.tools.web.practice.lists_kit import DEGRADED, PAPER, SECURED, fill
from tla_sim.host.desk.piece_store import PieceStore
from tla_sim.host.desk.scan_limits import MAX_BYTES
from tla_sim.tools.cast.people import NURSE
from tla_sim.tools.web.bench import Bench
from tla_sim.tools.web.guard import MAX_UPLOAD

ROOT = "/v1/practice"
FIRST = f"{NURSE}:{DEGRADED}"
BYTES = {"Content-Type": "application/octet-stream"}
SCAN = image_bytes(page())


@pytest.fixture(autouse=True)
def filled(bench: Bench) -> None:
    fill(bench.surgery)


def attach(client: TestClient, content: bytes = SCAN, **query: Any) -> httpx.Response:
    asked = {"invoice": FIRST, "role": "prescription", "name": "ordonnance.jpg", **query}
    answer: httpx.Response = client.post(f"{ROOT}/pieces", params=asked, content=content, headers=BYTES)
    return answer


def pieces(client: TestClient, invoice: str = FIRST) -> Any:
    return client.get(f"{ROOT}/pieces", params={"invoice": invoice}).json()


def line(client: TestClient, number: str) -> Any:
    documents = client.get(f"{ROOT}/lists/1").json()["documents"]
    return next(each for each in documents if each["number"] == number)


def test_a_scan_is_attached_shown_and_detached(client: TestClient) -> None:
    told = attach(client, invoice=[FIRST, f"{NURSE}:{PAPER}"]).json()
    assert told["attached"] == [FIRST, f"{NURSE}:{PAPER}"]
    digest = told["piece"]["digest"]
    assert (told["piece"]["name"], told["piece"]["pages"]) == ("ordonnance.jpg", 1)
    assert attach(client).json()["attached"] == []
    row = line(client, DEGRADED)
    assert (row["prescription"], [each["digest"] for each in row["pieces"]]) == ("digital", [digest])
    drawn = client.get(f"{ROOT}/pieces/{digest}/pages/1.png")
    assert Image.open(BytesIO(drawn.content)).format == "PNG"
    assert client.get(f"{ROOT}/pieces/{digest}/pages/2.png").status_code == 404
    left = client.delete(f"{ROOT}/pieces/{digest}", params={"invoice": FIRST}).json()
    assert (left["pieces"], left["prescription"]) == ([], "paper")
    assert client.delete(f"{ROOT}/pieces/{digest}", params={"invoice": FIRST}).status_code == 409


def test_what_is_served_does_nothing_in_a_browser(client: TestClient) -> None:
    digest = attach(client).json()["piece"]["digest"]
    for path, kind in ((digest, "application/pdf"), (f"{digest}/pages/1.png", "image/png")):
        answer = client.get(f"{ROOT}/pieces/{path}")
        assert answer.headers["content-type"] == kind
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
    answer = client.get(f"{ROOT}/pieces/{digest}")
    assert answer.headers["content-disposition"] == 'attachment; filename="ordonnance.pdf"'
    assert answer.content.startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("name", "shown", "saved"),
    [
        ("<img src=x onerror=alert(1)>.jpg", "<img src=x onerror=alert(1)>.jpg", "img-src-x-onerror-alert-1"),
        ("../../../etc/passwd", "passwd", "passwd"),
        ('a"\r\nSet-Cookie: x=1.pdf', 'a"Set-Cookie: x=1.pdf', "a-set-cookie-x-1"),
        ("é" * 10_000, "é" * 120, "e" * 60),
        ("", "document", "document"),
        (".pdf", ".pdf", "pdf"),
        ("日本.jpg", "日本.jpg", "nn"),
    ],
)
def test_a_hostile_file_name_is_only_shown(client: TestClient, name: str, shown: str, saved: str) -> None:
    told = attach(client, name=name).json()["piece"]
    assert told["name"] == shown
    answer = client.get(f"{ROOT}/pieces/{told['digest']}")
    assert answer.headers["content-disposition"] == f'attachment; filename="{saved}.pdf"'
    assert "set-cookie" not in answer.headers


def test_only_the_ledgers_own_documents_are_served(bench: Bench, client: TestClient) -> None:
    with bench.surgery.open_ledger() as ledger:
        (signature,) = [each.name for each in PieceStore(ledger).directory.iterdir()]
        stray = "ab" * 32
        (PieceStore(ledger).directory / stray).write_bytes(b"%PDF-1.7 stray")
    for name in (signature, stray, "00" * 32):
        assert client.get(f"{ROOT}/pieces/{name}").json()["code"] == "unknown-piece"
        assert client.get(f"{ROOT}/pieces/{name}/pages/1.png").status_code == 404
    for name in ("..%2F..%2Fetc%2Fpasswd", "x" * 64, "AB" * 32, "ab" * 31, "%00"):
        assert client.get(f"{ROOT}/pieces/{name}").status_code in (400, 404)


def test_a_document_that_was_altered_is_not_served(bench: Bench, client: TestClient) -> None:
    digest = attach(client).json()["piece"]["digest"]
    with bench.surgery.open_ledger() as ledger:
        (PieceStore(ledger).directory / digest).write_bytes(b"%PDF-1.7 another")
    for path in (digest, f"{digest}/pages/1.png"):
        assert client.get(f"{ROOT}/pieces/{path}").json()["code"] == "piece-lost"


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        (b"<html>", "ordonnance.jpg is neither PDF nor JPEG nor PNG"),
        (image_bytes(page(ink=False)), "ordonnance.jpg is blank"),
        (SCAN[:-900], "truncated"),
        (image_bytes(page((400, 600)), dpi=100), "DPI"),
        (b"%PDF-" + bytes(MAX_BYTES), "larger than 10 MiB"),
    ],
)
def test_what_does_not_pass_is_refused_in_words(client: TestClient, content: bytes, detail: str) -> None:
    answer = attach(client, content)
    assert answer.status_code == 400
    assert detail in answer.json()["detail"]
    assert pieces(client)["pieces"] == []


def test_a_body_beyond_every_scan_is_not_read(client: TestClient) -> None:
    assert attach(client, b"x" * (MAX_UPLOAD + 1)).status_code == 413


def test_empty_pages_are_asked_about(client: TestClient) -> None:
    scan = scan_pdf(page(), page(ink=False))
    refused = attach(client, scan, name="recto.pdf")
    assert (refused.status_code, refused.json()["code"]) == (400, "empty-pages")
    piece = attach(client, scan, name="recto.pdf", without_empty_pages=True).json()["piece"]
    assert (piece["pages"], piece["left_out"]) == (1, [2])
    assert client.get(f"{ROOT}/pieces/{piece['original']}").content == scan


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"invoice": f"{NURSE}:999999999"}, 404),
        ({"invoice": "x"}, 400),
        ({"invoice": []}, 400),
        ({"role": "letter"}, 400),
    ],
)
def test_orders_that_cannot_be(client: TestClient, query: dict[str, Any], status: int) -> None:
    assert attach(client, **query).status_code == status


def test_the_body_is_a_file(client: TestClient) -> None:
    asked = {"invoice": FIRST, "role": "other"}
    assert client.post(f"{ROOT}/pieces", params=asked, json={}).status_code == 415


def test_the_sheet_goes_on_paper_and_back_and_is_printed(client: TestClient) -> None:
    assert (pieces(client)["sheet"], pieces(client)["on_paper"]) == ("digital", False)
    order = {"owner": NURSE, "number": DEGRADED, "on_paper": True}
    assert client.put(f"{ROOT}/paper", json=order).json()["sheet"] == "paper"
    assert line(client, DEGRADED)["sheet"] == "paper"
    unsigned = client.get(f"{ROOT}/sheets/{NURSE}/{DEGRADED}/pages/1.png").content
    assert client.put(f"{ROOT}/paper", json={**order, "on_paper": False}).json()["sheet"] == "digital"
    signed = client.get(f"{ROOT}/sheets/{NURSE}/{DEGRADED}/pages/1.png").content
    assert Image.open(BytesIO(signed)).size == Image.open(BytesIO(unsigned)).size
    assert signed != unsigned
    assert client.get(f"{ROOT}/sheets/{NURSE}/{DEGRADED}/pages/2.png").status_code == 404


def test_a_scanned_sheet_does_not_go_on_paper(client: TestClient) -> None:
    attach(client, role="care-sheet", name="feuille.jpg")
    told = pieces(client)
    assert told["scanned"] == f"The care sheet of invoice {DEGRADED} was scanned and travels as feuille.jpg"
    order = {"owner": NURSE, "number": DEGRADED, "on_paper": True}
    refused = client.put(f"{ROOT}/paper", json=order)
    assert (refused.status_code, refused.json()["detail"]) == (409, told["scanned"])


def test_a_secured_invoice_has_no_sheet(client: TestClient) -> None:
    assert pieces(client, f"{NURSE}:{SECURED}")["no_sheet"] == f"Invoice {SECURED} is not degraded"
    order = {"owner": NURSE, "number": SECURED, "on_paper": True}
    for answer in (
        client.put(f"{ROOT}/paper", json=order),
        client.get(f"{ROOT}/sheets/{NURSE}/{SECURED}/pages/1.png"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "desk-refused")


def test_a_signature_is_registered_shown_and_switched(client: TestClient) -> None:
    at = f"{ROOT}/signatures/75100002"
    assert client.get(at).json() == {"registered": False, "switched_on": False}
    assert client.get(f"{at}/image.png").status_code == 404
    assert client.put(f"{at}/on", json={"on": True}).status_code == 409
    refused = client.put(at, params={"name": "<b>.png"}, content=b"nothing", headers=BYTES)
    assert refused.json()["detail"] == "<b>.png is neither JPEG nor PNG"
    registered = client.put(at, params={"name": "s.png"}, content=signature_png(), headers=BYTES).json()
    assert registered == {"registered": True, "switched_on": True}
    assert Image.open(BytesIO(client.get(f"{at}/image.png").content)).format == "PNG"
    assert client.put(f"{at}/on", json={"on": False}).json() == {"registered": True, "switched_on": False}


def test_refusals_are_said_in_french(client: TestClient) -> None:
    asked = {"invoice": FIRST, "role": "prescription", "name": "a.gif"}
    french = BYTES | {"Accept-Language": "fr"}
    answer = client.post(f"{ROOT}/pieces", params=asked, content=b"GIF89a", headers=french)
    assert answer.json()["detail"] == "a.gif n'est ni PDF ni JPEG ni PNG"


def test_the_other_invoices_of_the_prescription_are_told(client: TestClient) -> None:
    others = pieces(client)["same_prescription"]
    assert others == [
        {
            "owner": NURSE,
            "owner_name": "PIQURE2969 MAYA",
            "number": PAPER,
            "date": "2019-02-21",
            "total": 4_640,
        }
    ]
    assert pieces(client, "75100002:190305031")["same_prescription"] == []
