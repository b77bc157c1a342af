"""What waits is counted as the lists have it, at every step of an invoice's life."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.desk_kit import Desk, invoice, open_desk, with_dre
from tla_sim.host.desk.lists import DeskList, desk_lines, rejected_lines
from tla_sim.host.desk.rectification import rectify
from tla_sim.host.desk.waiting import ToSign, Waiting, count_what_waits
from tla_sim.host.documents import documents_of
from tla_sim.host.ledger.files import file_lines
from tla_sim.host.round.outbox import Outbox
from tla_sim.host.sending.arl import Rejection, compose, parse_arl, take_arl
from tla_sim.host.sending.send import file_content, send_to_folder
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import DocumentKind
from tla_sim.protocol.documents.invoice import digest
from tla_sim.tools.cast.people import NURSE, SECRETARY

A, B = "190305001", "190305002"
INVOICES = (invoice(A), with_dre(invoice(B)))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    yield from open_desk(tmp_path)


def counted(desk: Desk) -> Waiting:
    """Count, and hold the counts to the lists."""
    found = count_what_waits(INVOICES, desk.ledger)
    for each, count in found.lists.items():
        if each is DeskList.FILES_TO_SEND:
            totals = [file.total for file in file_lines(desk.ledger)]
        else:
            totals = [line.total for line in desk_lines(desk.ledger, each)]
        assert (count.count, count.total) == (len(totals), sum(totals)), each
    rejected = [line.total for line, _, _ in rejected_lines(desk.ledger)]
    assert (found.rejected.count, found.rejected.total) == (len(rejected), sum(rejected))
    return found


def test_an_invoice_is_counted_where_it_stands(desk: Desk, tmp_path: Path) -> None:
    both = sum(each.totals.total for each in INVOICES)
    found = counted(desk)
    assert (found.prepared.count, found.prepared.total) == (2, both)
    desk.ledger.record_prepared(documents_of(INVOICES[1]))
    found = counted(desk)
    assert (found.prepared.count, found.prepared.total) == (2, both), "one is in the ledger, too"
    assert [each.count for each in found.lists.values()] == [1, 1, 0, 0, 0]
    desk.secured(A)
    found = counted(desk)
    assert (found.prepared.count, found.lists[DeskList.FSE_TO_SEND].count) == (1, 1)
    (made,) = desk.files().files
    assert counted(desk).lists[DeskList.FILES_TO_SEND].count == 1
    send_to_folder(desk.ledger, made.identity, Outbox(tmp_path / "out"))
    refusal = Rejection(DocumentId(NURSE, A, DocumentKind.FSE), "R01", "Droits non ouverts")
    answer = compose(made.identity, digest(file_content(desk.ledger, made.identity)), [refusal])
    take_arl(desk.ledger, parse_arl(answer))
    assert counted(desk).rejected.count == 1
    rectify(desk.ledger, A, "190306001", date(2019, 3, 6))
    found = counted(desk)
    assert (found.rejected.count, found.prepared.count) == (0, 2), "what rectifies it is prepared"


def test_what_waits_for_whose_card(desk: Desk) -> None:
    assert counted(desk).to_sign == ()
    desk.insert(SECRETARY, cpe=True)
    desk.secured(A)
    assert counted(desk).to_sign == (ToSign(NURSE, "PIQURE2969 MAYA", 1, 15_620),)
