"""A number names one invoice for good: another one is refused at every stage of the first one's life."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.samples import COMPLETE, make_fse, send, sign, verified
from tla_sim.host.documents import OutgoingDocument
from tla_sim.host.ledger.errors import ContentDiffers
from tla_sim.host.ledger.ledger import Ledger, LedgerState
from tla_sim.host.ledger.reuse import number_with_year
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import DocumentKind, Role, SecurityMode
from tla_sim.protocol.documents.invoice import PreparedInvoice
from tla_sim.tools.cast.invoices import make_document, make_invoice
from tla_sim.tools.cast.people import NURSE

READER = "TLA0001"
NUMBER = "000000001"
ID = DocumentId(NURSE, NUMBER, DocumentKind.FSE)
FIRST = make_invoice(NUMBER, total=1_260)
NEXT_YEAR = date(2020, 2, 29)


def led_to(ledger: Ledger, state: LedgerState) -> None:
    """The first invoice, as far in its life as `state`."""
    partial = verified(make_fse(FIRST))
    ledger.record_prepared([OutgoingDocument.of(FIRST)])
    if state is not LedgerState.PREPARED:
        ledger.record_loaded([OutgoingDocument.of(FIRST)], READER)
    match state:
        case LedgerState.CANCELLED:
            ledger.record_cancelled([ID], READER)
        case LedgerState.COMPLETE:
            ledger.record_pulled([verified(make_fse(FIRST, COMPLETE))], READER)
        case LedgerState.PARTIAL | LedgerState.FINAL | LedgerState.TRANSMITTED:
            ledger.record_pulled([partial], READER)
    final = verified(sign(partial.fse, (Role.TITULAIRE,), counter=9))
    if state in (LedgerState.FINAL, LedgerState.TRANSMITTED):
        ledger.record_final([final], READER)
    if state is LedgerState.TRANSMITTED:
        send(ledger, final)
    assert ledger.state(ID) is state


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "ledger.db") as opened:
        yield opened


def patient(invoice: PreparedInvoice, last_name: str, nir: str) -> PreparedInvoice:
    return replace(
        invoice,
        patient=replace(invoice.patient, last_name=last_name),
        beneficiary=replace(invoice.beneficiary, nir=nir),
    )


OTHERS = {
    "next year": make_invoice(NUMBER, total=2_520, made_on=NEXT_YEAR),
    "next year, all else alike": make_invoice(NUMBER, total=1_260, made_on=NEXT_YEAR),
    "the year before": make_invoice(NUMBER, total=1_260, made_on=date(2018, 12, 31)),
    "another patient": patient(FIRST, "AUTRE", "2650199999002"),
    "another patient and total": patient(make_invoice(NUMBER, total=2_520), "AUTRE", "2650199999002"),
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
@pytest.mark.parametrize("state", LedgerState)
def test_another_invoice_under_its_number_is_refused_and_both_are_told(
    ledger: Ledger, state: LedgerState, other: PreparedInvoice
) -> None:
    led_to(ledger, state)
    before = (ledger.documents(), ledger.events(), ledger.invoice(ID))
    document = OutgoingDocument.of(other)
    degraded = OutgoingDocument.of(other, mode=SecurityMode.DEGRADED)
    dre = OutgoingDocument.of(other, DocumentKind.DRE)
    for act in (
        lambda: ledger.check_number(other),
        lambda: ledger.state_of(document),
        lambda: ledger.state_of(dre),
        lambda: ledger.record_prepared([document]),
        lambda: ledger.record_prepared([dre]),
        lambda: ledger.record_loaded([document], READER),
        lambda: ledger.record_loaded([degraded], READER),
        lambda: ledger.record_loaded([dre], READER),
    ):
        with pytest.raises(ContentDiffers) as refused:
            act()
        said = str(refused.value)
        assert refused.value.document == ID
        assert f"is {state.name}" in said
        assert f"{FIRST.made_on:%d/%m/%Y}, MARTIN PAUL, 12,60 €" in said
        assert f"{other.made_on:%d/%m/%Y}, {other.patient.last_name} PAUL" in said
        assert f"{other.totals.total // 100},{other.totals.total % 100:02} €" in said
        assert "a number of its own, such as " in said
    assert (ledger.documents(), ledger.events(), ledger.invoice(ID)) == before


CORRECTIONS = {
    "total": make_invoice(NUMBER, total=2_520),
    "date of the same year": make_invoice(NUMBER, total=1_260, made_on=date(2019, 3, 6)),
    "name": replace(FIRST, patient=replace(FIRST.patient, last_name="MARTINE")),
    "NIR": replace(FIRST, beneficiary=replace(FIRST.beneficiary, nir="2650199999002")),
    "recipient": replace(FIRST, amo=replace(FIRST.amo, recipient="MSA")),
}
CORRECTABLE = (LedgerState.PREPARED, LedgerState.CANCELLED)


@pytest.mark.parametrize("corrected", CORRECTIONS.values(), ids=CORRECTIONS)
@pytest.mark.parametrize("state", CORRECTABLE)
def test_a_correction_takes_the_place_of_what_is_on_no_reader_and_unsigned(
    ledger: Ledger, state: LedgerState, corrected: PreparedInvoice
) -> None:
    led_to(ledger, state)
    document = OutgoingDocument.of(corrected)
    assert ledger.state_of(document) is LedgerState.PREPARED
    assert ledger.record_loaded([document], READER) == 1
    assert ledger.invoice(ID) == document.content


@pytest.mark.parametrize("corrected", CORRECTIONS.values(), ids=CORRECTIONS)
@pytest.mark.parametrize("state", [state for state in LedgerState if state not in CORRECTABLE])
def test_a_correction_of_what_is_on_a_reader_or_signed_is_refused(
    ledger: Ledger, state: LedgerState, corrected: PreparedInvoice
) -> None:
    led_to(ledger, state)
    document = OutgoingDocument.of(corrected)
    with pytest.raises(ContentDiffers, match="12,60 €") as refused:
        ledger.state_of(document)
    assert ("Erase it from reader" in refused.value.action) == (state is LedgerState.LOADED)
    assert ledger.invoice(ID) == FIRST.build()


@pytest.mark.parametrize("state", LedgerState)
def test_the_same_invoice_is_known_again(ledger: Ledger, state: LedgerState) -> None:
    led_to(ledger, state)
    assert ledger.state_of(OutgoingDocument.of(FIRST)) is state
    ledger.check_number(FIRST)
    marked = replace(FIRST, coverage=replace(FIRST.coverage, rights_source="ADR"))
    ledger.check_number(marked)


def test_the_number_proposed_is_one_that_the_ledger_does_not_have(ledger: Ledger) -> None:
    led_to(ledger, LedgerState.TRANSMITTED)
    other = make_invoice(NUMBER, total=2_520, made_on=NEXT_YEAR)
    with pytest.raises(ContentDiffers, match="such as 200000001;"):
        ledger.check_number(other)
    ledger.record_prepared([make_document(number) for number in ("200000001", "200000002", "200000004")])
    with pytest.raises(ContentDiffers, match="such as 200000003;"):
        ledger.check_number(other)


@pytest.mark.parametrize(
    ("number", "made_on", "expected"),
    [
        ("000000001", date(2020, 1, 1), "200000001"),
        ("000000001", date(2009, 1, 1), "090000001"),
        ("190305028", date(2019, 3, 5), "190305028"),
        ("119000001", date(2020, 1, 1), "209000001"),
        ("7", date(2020, 1, 1), "200000007"),
    ],
)
def test_the_year_stands_in_front_of_the_number(number: str, made_on: date, expected: str) -> None:
    assert number_with_year(number, made_on) == expected
