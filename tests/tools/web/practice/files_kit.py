"""A practice whose nurse has billed something degraded, on its way to a recipient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.tools.web.bench_kit import TestClient
from tests.tools.web.surgery.bench_kit import NURSE
from tla_sim.host.sending.arl import Rejection, compose
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import DocumentKind
from tla_sim.protocol.documents.invoice import digest
from tla_sim.tools.cast.people import CODE

ROOT: Final = "/v1/practice"
READER: Final = "reader-1"
FIRST, SECOND, THIRD = "190305028", "190221022", "190221023"
BYTES: Final = {"Content-Type": "application/octet-stream"}


@dataclass(frozen=True)
class Practice:
    """The practice over HTTP, its reader plugged in with the nurse's card."""

    client: TestClient

    def get(self, path: str, **query: Any) -> Any:
        """Return the JSON of an answer, which must be a good one."""
        answer = self.client.get(f"{ROOT}/{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: object, status: int = 200, language: str = "en") -> Any:
        """Return the JSON of the answer to an order."""
        answer = self.client.post(f"{ROOT}/{path}", json=body, headers={"Accept-Language": language})
        assert answer.status_code == status, answer.text
        return answer.json()

    def bill(self, *numbers: str, owner: str = NURSE) -> None:
        """Bill invoices degraded, signed at the desk."""
        for number in numbers:
            one = f"{ROOT}/invoices/{owner}/{number}"
            chosen = self.client.put(f"{one}/choices", json={"degraded": True, "to_load": False})
            assert chosen.status_code == 200, chosen.text
            billed = self.client.post(f"{one}/bill", json={"reader": READER, "code": CODE})
            assert billed.status_code == 200, billed.text

    def make_lots(self, status: int = 200, **more: Any) -> Any:
        """Make lots with the nurse's card."""
        return self.post("lots", {"reader": READER, "code": CODE, **more}, status)

    def make_file(self, *numbers: str) -> str:
        """Bill invoices, put them into a file, and return its identity."""
        self.bill(*numbers)
        (made,) = self.make_lots()["files"]
        return str(made["identity"])

    def send(self, identity: str, order: dict[str, Any], status: int = 200) -> Any:
        """Send a file."""
        return self.post(f"files/{identity}/send", order, status)

    def answer(self, raw: bytes, status: int = 200) -> Any:
        """Hand in a recipient's answer."""
        answer = self.client.post(f"{ROOT}/answers", content=raw, headers=BYTES)
        assert answer.status_code == status, answer.text
        return answer.json()

    def state(self, identity: str) -> str:
        """Return the state of a file."""
        return str(self.get(f"files/{identity}")["file"]["state"])


def arl(
    content: bytes,
    identity: str,
    rejected: Sequence[str] = (),
    *,
    owner: str = NURSE,
    reason: str = "Droits non ouverts",
    refusal: tuple[str, str] | None = None,
) -> bytes:
    """Return the answer of the recipient of a file, who rejects some invoices, or all of it."""
    rejections = [
        Rejection(DocumentId(owner, number, DocumentKind.FSE), "R01", reason) for number in rejected
    ]
    return compose(identity, digest(content), rejections, refusal)


def sent_content(folder: Path, identity: str) -> bytes:
    """Return a file as it lies in the folder that it was sent into."""
    return (folder / f"tla-{identity}.zip").read_bytes()
