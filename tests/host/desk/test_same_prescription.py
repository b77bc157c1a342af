"""Which invoices share a prescription: beneficiary, prescriber and day, whoever made them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from tla_sim.host.desk.same_prescription import same_prescription
from tla_sim.host.documents import documents_of
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import DocumentKind
from tla_sim.protocol.documents.invoice import PreparedInvoice
from tla_sim.protocol.groups.invoice import Prescription
from tla_sim.tools.cast.invoices import make_invoice
from tla_sim.tools.cast.people import DESMAUX, MARTIN, NURSE

PRESCRIBED = Prescription(last_name="TOUBIB", first_name="PAUL", prescribed_on=date(2019, 1, 1))


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "ledger.sqlite") as opened:
        yield opened


def prescribed(number: int, **more: object) -> PreparedInvoice:
    return make_invoice(number, **{"prescription": PRESCRIBED, **more})  # type: ignore[arg-type]


def shared(ledger: Ledger, number: int) -> list[str]:
    line = ledger.get(DocumentId(NURSE, f"{number:09}", DocumentKind.FSE))
    assert line is not None
    return [f"{each.owner}:{int(each.number)}" for each in same_prescription(ledger, line)]


def test_those_of_its_beneficiary_prescriber_and_day(ledger: Ledger) -> None:
    namesake = replace(DESMAUX, last_name=MARTIN.last_name, first_name=MARTIN.first_name)
    invoices = [
        prescribed(1),
        prescribed(2, made_on=date(2019, 3, 1)),
        prescribed(3, owner="75100002"),
        prescribed(4, patient=DESMAUX),
        prescribed(5, patient=namesake),
        prescribed(6, prescription=replace(PRESCRIBED, last_name="AUTRE")),
        prescribed(7, prescription=replace(PRESCRIBED, prescribed_on=date(2019, 1, 1) + timedelta(1))),
        prescribed(8, prescription=None),
    ]
    ledger.record_prepared([each for invoice in invoices for each in documents_of(invoice)])
    assert shared(ledger, 1) == ["75100002:3", f"{NURSE}:2"]
    assert shared(ledger, 4) == shared(ledger, 8) == []
