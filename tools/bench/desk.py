"""The desk: a list of 50,000 invoices, care sheets, and lots of 5,000 FSEs into a file."""

from __future__ import annotations

import sqlite3
import tempfile
import time
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Final

from tla_sim.host.desk.care_sheet import care_sheet
from tla_sim.host.desk.lists import DeskList, desk_lines
from tla_sim.host.ledger.conditions import Order
from tla_sim.host.ledger.desk_lists import list_waiting
from tla_sim.host.ledger.ledger import DocumentFilter, Ledger
from tla_sim.host.ledger.model import TO_SEND
from tla_sim.host.sending.lots import FilesMade, make_lots
from tla_sim.protocol.documents.certificates import TrustAnchors
from tla_sim.protocol.documents.document import Document
from tla_sim.protocol.documents.fse import DocumentKind, Fse
from tla_sim.protocol.documents.verification import VerifiedFse, verify_fse
from tla_sim.reader_fw.app.certification import Candidate
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.bench.long_list import LISTED, multiply
from tla_sim.tools.bench.report import Figure
from tla_sim.tools.bench.stage import INVOICES_A_PATIENT, Stage
from tla_sim.tools.cast.images import ps_image, vitale_image
from tla_sim.tools.cast.people import CODE

_LIST_MS: Final = 300
_SHEETS: Final = 1_000
_SHEETS_A_SECOND: Final = 30
_FSES: Final = 5_000
_RUNS: Final = 5


def measure() -> list[Figure]:
    """Measure lists against bare SQL and a budget, sheets against a rate, lots against bare verification."""
    with tempfile.TemporaryDirectory(prefix="tla-bench-") as directory:
        return [*_lists(Path(directory)), _sheets(), _lots(Path(directory))]


def _lists(directory: Path) -> list[Figure]:
    stage = Stage(1)
    path = directory / "list.sqlite"
    with Ledger.open(path) as ledger:
        ledger.record_prepared(stage.documents)
        multiply(path, LISTED)
        bare = turned = float("inf")
        for _ in range(_RUNS):
            start = time.perf_counter()
            rows = len(list_waiting(ledger, DocumentKind.FSE, TO_SEND, DocumentFilter(), Order(), list))
            middle = time.perf_counter()
            lines = len(desk_lines(ledger, DeskList.FSE_TO_SEND))
            bare, turned = min(bare, middle - start), min(turned, time.perf_counter() - middle)
            assert rows == lines == LISTED
    return [
        Figure("desk list of 50,000", turned * 1e3, "ms", "the bare SQL", bare * 1e3, 3, True),
        Figure("desk list of 50,000", turned * 1e3, "ms", "a budget of 300 ms", _LIST_MS, 1, True),
    ]


def _signature() -> bytes:
    from PIL import Image, ImageDraw

    image = Image.new("L", (600, 180), 255)
    ImageDraw.Draw(image).line([(10, 150), (150, 20), (300, 160), (420, 30), (590, 120)], fill=30, width=6)
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _sheets() -> Figure:
    invoice, signature = Stage(1).documents[0].invoice, _signature()
    care_sheet(invoice, signature)
    start = time.process_time()
    for _ in range(_SHEETS):
        care_sheet(invoice, signature)
    rate = _SHEETS / (time.process_time() - start)
    return Figure("1,000 care sheets", rate, "/s of a core", "a rate of 30", _SHEETS_A_SECOND, 1, False)


def _lots(directory: Path) -> Figure:
    stage, anchors = Stage(_FSES, owners=1), TrustAnchors.shipped()
    contents = _certify(stage)
    fast = made_in = float("inf")
    verified: list[VerifiedFse] = []
    path = directory / "lots.sqlite"
    with Ledger.open(path) as ledger:
        for run in range(_RUNS):
            start = time.perf_counter()
            verified = [verify_fse(Document(each), anchors) for each in contents]
            fast = min(fast, time.perf_counter() - start)
            if not run:
                _keep(ledger, stage, verified)
                client = stage.client()
                card = client.verify_code(CODE)
            start = time.perf_counter()
            made = make_lots(client, ledger, anchors, card)
            made_in = min(made_in, time.perf_counter() - start)
            assert isinstance(made, FilesMade)
            assert sum(each.documents for each in made.files) == _FSES
            _forget(path)
    bare, rate = _FSES / fast, _FSES / made_in
    return Figure("lots and files of 5,000 FSEs", rate, "FSE/s", "bare verification", bare, 0.5, False)


def _forget(path: Path) -> None:
    """Delete the lots, for another run."""
    with closing(sqlite3.connect(path)) as database, database:
        for table in ("lot_documents", "lots", "file_events", "files"):
            database.execute(f"DELETE FROM {table}")


def _keep(ledger: Ledger, stage: Stage, verified: list[VerifiedFse]) -> None:
    ledger.record_prepared(stage.documents)
    ledger.record_pulled(verified, stage.reader.app.serial_number)


def _certify(stage: Stage) -> list[bytes]:
    """Certify every document of the stage with its owner's card and its patient's Vitale."""
    stage.insert_chip(Slot.PS, ps_image(stage.owners[0]))
    app = stage.reader.app
    ps = app.cards.ps()
    ps.verify(CODE)
    found: list[bytes] = []
    patients = _FSES // INVOICES_A_PATIENT
    for patient, who in enumerate(stage.patients):
        stage.insert_chip(Slot.VITALE, vitale_image(who))
        vitale = app.cards.vitale()
        for document in stage.documents[patient::patients]:
            fse = Fse(document.kind, document.mode, document.content)
            candidate = Candidate(document.id, fse, document.invoice.beneficiary_key)
            found.append(app.certifier.certify(candidate, ps, vitale).content)
    return found
