"""Who may certify at the desk, and how far: said before a code is typed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.desk_kit import ANCHORS, Desk, invoice, open_desk, with_dre
from tests.reader_kit import Bench
from tla_sim.host.desk.billing import BillingPlan, PartialSecurityAsked, Way, check_wanted, plan_billing
from tla_sim.host.desk.certification import certify_documents
from tla_sim.host.desk.errors import DeskRefused, UnknownInvoice
from tla_sim.host.desk.invoices import DeskInvoice, among, desk_invoices
from tla_sim.host.desk.marks import bill_degraded, documents_at_desk
from tla_sim.host.documents import OutgoingDocument, documents_of
from tla_sim.host.ledger.desk_model import Rights
from tla_sim.host.ledger.model import LedgerState
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.documents.fse import DocumentKind, SecurityMode
from tla_sim.protocol.errors import StatusError
from tla_sim.protocol.groups.invoice import Patient
from tla_sim.reader_fw.app.software.profiles import find_profile
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.cast.invoices import make_invoice
from tla_sim.tools.cast.people import DESMAUX, DOCTOR, MAYA, NURSE, PAUL, SECRETARY

A, B, C = "190305001", "190305002", "190305003"
DOCUMENTS = documents_of(invoice(A))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    yield from open_desk(tmp_path)


def plan(desk: Desk, mode: SecurityMode | None = None) -> BillingPlan:
    return plan_billing(desk.client, DOCUMENTS, mode)


def test_the_owner_certifies_completely_anyone_else_partially(desk: Desk) -> None:
    desk.bench.insert_vitale()
    assert plan(desk).way is Way.COMPLETE
    desk.bench.insert_ps(SECRETARY, cpe=True)
    found = plan(desk)
    assert (found.way, found.holder.card, found.holder.name) == (Way.PARTIAL, "CPE", SECRETARY.name)
    desk.bench.insert_ps(PAUL)
    assert plan(desk).way is Way.PARTIAL


def test_a_partial_certification_is_asked_for_first(desk: Desk) -> None:
    desk.bench.insert_vitale()
    assert check_wanted(plan(desk), A, None)
    desk.bench.insert_ps(SECRETARY, cpe=True)
    with pytest.raises(PartialSecurityAsked) as asked:
        check_wanted(plan(desk), A, None)
    assert SECRETARY.name in asked.value.message
    assert MAYA.name in asked.value.action
    assert check_wanted(plan(desk), A, True)
    assert not check_wanted(plan(desk), A, False)


def test_a_degraded_invoice_takes_its_owners_cps_and_no_vitale(desk: Desk) -> None:
    assert plan(desk, SecurityMode.DEGRADED).way is Way.DEGRADED
    desk.bench.insert_ps(SECRETARY, cpe=True)
    with pytest.raises(DeskRefused, match=f"the CPE of {SECRETARY.name}. Insert the CPS of {MAYA.name}"):
        plan(desk, SecurityMode.DEGRADED)


def test_what_lacks_is_said(desk: Desk) -> None:
    with pytest.raises(StatusError) as refused:
        plan(desk)
    assert refused.value.status is Status.VITALE_ABSENT
    desk.bench.remove(Slot.PS)
    with pytest.raises(StatusError) as refused:
        plan(desk)
    assert refused.value.status is Status.PS_CARD_ABSENT


@pytest.mark.parametrize("name", ["1.31", "1.39"])
def test_an_older_reader_does_not_certify_at_the_desk(name: str) -> None:
    bench = Bench(profile=find_profile(name))
    bench.insert_ps(MAYA)
    with pytest.raises(DeskRefused, match=rf"version {name}\) does not certify at the desk"):
        plan_billing(bench.client(), DOCUMENTS)


def found(desk: Desk, *invoices: str, **wanted: str) -> list[DeskInvoice]:
    return among(desk_invoices(desk.ledger, [invoice(each) for each in invoices]), **wanted)


def test_an_invoice_is_taken_from_the_file_until_it_is_certified(desk: Desk) -> None:
    corrected = replace(invoice(A), patient=Patient(last_name="MARTIN", first_name="PAULE"))
    bill_degraded(desk.ledger, invoice(A), Rights.ADR)

    def at_desk() -> OutgoingDocument:
        return documents_at_desk(desk.ledger, [corrected], NURSE, A)[0]

    assert (at_desk().invoice.patient.first_name, at_desk().mode) == ("PAULE", SecurityMode.DEGRADED)
    assert at_desk().invoice.coverage.rights_source == Rights.ADR
    certify_documents(desk.client, desk.ledger, ANCHORS, bill_degraded(desk.ledger, invoice(A), Rights.ADR))
    assert at_desk().invoice.patient.first_name == "PAUL"
    with pytest.raises(UnknownInvoice):
        documents_at_desk(desk.ledger, [], NURSE, B)


def test_a_dre_that_was_cut_off_is_not_forgotten(desk: Desk) -> None:
    both = with_dre(invoice(A))
    desk.bench.insert_vitale()
    certify_documents(desk.client, desk.ledger, ANCHORS, documents_of(both)[:1])
    kinds = [each.kind for each in documents_at_desk(desk.ledger, [both], NURSE, A)]
    assert kinds == [DocumentKind.FSE, DocumentKind.DRE]


def test_the_list_is_by_owner_patient_and_date(desk: Desk) -> None:
    other = make_invoice(C, DOCTOR)
    second = make_invoice(B, NURSE, patient=DESMAUX)
    listed = desk_invoices(desk.ledger, [invoice(A), other, second])
    assert [(each.owner, each.patient, each.number) for each in listed] == [
        (NURSE, DESMAUX.name, B),
        (NURSE, "MARTIN PAUL", A),
        (DOCTOR, "MARTIN PAUL", C),
    ]
    assert [each.number for each in among(desk_invoices(desk.ledger, [invoice(A), other]), DOCTOR)] == [C]
    assert [
        each.number for each in among(desk_invoices(desk.ledger, [invoice(A), second]), patient="désm")
    ] == [B]


def test_an_invoice_is_listed_until_it_has_left(desk: Desk) -> None:
    (prepared,) = found(desk, A)
    assert (prepared.states, prepared.to_load) == (((DocumentKind.FSE, None),), True)
    bill_degraded(desk.ledger, invoice(A), Rights.PRACTICE)
    (marked,) = found(desk, A)
    assert (marked.states[0][1], marked.mode, marked.to_load) == (
        LedgerState.PREPARED,
        SecurityMode.DEGRADED,
        False,
    )
    desk.degraded(A)
    assert [each.in_lot for each in found(desk, A)] == [False]
    desk.files()
    assert [(each.number, each.in_lot) for each in found(desk)] == [(A, True)], "also without the file"
    with desk.ledger.writing():
        desk.ledger.record_left(line.id for line in desk.ledger.documents())
    assert found(desk, A) == []
