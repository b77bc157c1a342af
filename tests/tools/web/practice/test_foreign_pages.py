"""A page of another site, or a name made to point here, changes nothing that the practice holds."""

from __future__ import annotations

from typing import Final

import pytest

from tests.scans import image_bytes, page, signature_png
from tests.tools.web.bench_kit import BASE, TestClient
from tests.tools.web.practice.lists_kit import DEGRADED, fill
from tests.tools.web.test_codes_stay_in import PLACES
from tla_sim.tools.cast.people import NURSE
from tla_sim.tools.web.bench import Bench

BYTES: Final = {"Content-Type": "application/octet-stream"}
INVOICE: Final = f"{NURSE}:{DEGRADED}"
SCAN: Final = f"/v1/practice/pieces?invoice={INVOICE}&role=prescription&name=a.jpg"
SIGNATURE: Final = "/v1/practice/signatures/75100002?name=s.png"
FOREIGN: Final = (
    ({"Origin": "http://evil.example"}, 403, "foreign-origin"),
    ({"Origin": "null"}, 403, "foreign-origin"),
    ({"Sec-Fetch-Site": "cross-site"}, 403, "foreign-origin"),
    ({"Host": "evil.example"}, 421, "wrong-host"),
)


@pytest.mark.parametrize(("headers", "status", "code"), FOREIGN)
def test_every_order_to_the_practice_from_elsewhere_is_refused(
    client: TestClient, headers: dict[str, str], status: int, code: str
) -> None:
    orders = [
        (method, path.format(**PLACES))
        for path, operations in client.get("/openapi.json").json()["paths"].items()
        if path.startswith("/v1/practice/")
        for method in operations
        if method in ("post", "put", "patch", "delete")
    ]
    assert ("put", "/v1/practice/paper") in orders
    for method, path in orders:
        for kind in ("application/json", "application/octet-stream", "text/plain"):
            body = None if method == "delete" else b"{}"
            answer = client.request(method, path, content=body, headers={"Content-Type": kind, **headers})
            assert (answer.status_code, answer.json()["code"]) == (status, code), (method, path)
            assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(("headers", "status", "code"), FOREIGN)
def test_a_file_from_elsewhere_is_not_kept(
    bench: Bench, client: TestClient, headers: dict[str, str], status: int, code: str
) -> None:
    fill(bench.surgery)
    scan, signature = image_bytes(page()), signature_png()
    for method, path, content in (("POST", SCAN, scan), ("PUT", SIGNATURE, signature)):
        answer = client.request(method, path, content=content, headers=BYTES | headers)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    asked = {"invoice": INVOICE}
    assert client.get("/v1/practice/pieces", params=asked).json()["pieces"] == []
    assert not client.get("/v1/practice/signatures/75100002").json()["registered"]
    own = BYTES | {"Origin": BASE, "Sec-Fetch-Site": "same-origin"}
    digest = client.post(SCAN, content=scan, headers=own).json()["piece"]["digest"]
    refused = client.delete(f"/v1/practice/pieces/{digest}", params=asked, headers=headers)
    assert refused.status_code == status
    order = {"owner": NURSE, "number": DEGRADED, "on_paper": True}
    assert client.put("/v1/practice/paper", json=order, headers=headers).status_code == status
    told = client.get("/v1/practice/pieces", params=asked).json()
    assert ([each["digest"] for each in told["pieces"]], told["on_paper"]) == ([digest], False)
