"""Degraded or secured, loaded or signed at the desk, FSE and DRE: what an invoice's marks come to."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.reader_kit import Bench
from tla_sim.host.desk.certification import certify_documents
from tla_sim.host.desk.errors import DeskRefused, UnknownInvoice
from tla_sim.host.desk.marks import bill_degraded, bill_secured, held_invoice, marked_documents
from tla_sim.host.desk.pieces import send_sheet_on_paper
from tla_sim.host.documents import OutgoingDocument, documents_of, outgoing
from tla_sim.host.ledger.desk_model import Rights
from tla_sim.host.ledger.ledger import Ledger, LedgerState
from tla_sim.host.ledger.marks import marks, put_rectification
from tla_sim.host.round.pull import pull
from tla_sim.host.round.push import push_owner
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.documents.certificates import TrustAnchors
from tla_sim.protocol.documents.fse import DocumentKind, SecurityMode
from tla_sim.protocol.documents.invoice import PreparedInvoice
from tla_sim.protocol.errors import StatusError
from tla_sim.protocol.groups.invoice import AmcBody, Totals
from tla_sim.tools.cast.invoices import make_invoice
from tla_sim.tools.cast.people import CODE, MAYA, NURSE, PAUL

ANCHORS = TrustAnchors.shipped()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "ledger.sqlite") as opened:
        yield opened


def invoice(number: str = "190305028") -> PreparedInvoice:
    return make_invoice(number, NURSE)


def with_complementary(number: str = "190305028") -> PreparedInvoice:
    plain = invoice(number)
    return replace(
        plain,
        coverage=replace(plain.coverage, third_party_amc=True, rate=60),
        amc=AmcBody(identifier="99999997", name="MUTUELLE - DEMONSTRATION"),
        totals=Totals(total=15_620, fund=9_372, complementary=6_248),
    )


def test_a_complementary_part_under_tiers_payant_makes_a_dre_after_all_fses(ledger: Ledger) -> None:
    documents = outgoing([with_complementary("190305001"), invoice("190305002")])
    assert [(each.invoice.number, each.kind) for each in documents] == [
        ("190305001", DocumentKind.FSE),
        ("190305002", DocumentKind.FSE),
        ("190305001", DocumentKind.DRE),
    ]
    ledger.record_prepared(documents)
    assert [each.recipient for each in ledger.documents() if each.kind is DocumentKind.DRE] == [
        "MUTUELLE - DEMONSTRATION"
    ]


def test_cut_while_it_is_billed_degraded_it_is_as_before(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.record_prepared(documents_of(invoice()))
    prepare = Ledger.prepare

    def cut(self: Ledger, documents: Iterable[OutgoingDocument]) -> int:
        prepare(self, documents)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "prepare", cut)
        with pytest.raises(KeyboardInterrupt):
            bill_degraded(ledger, invoice(), Rights.ADR)
    assert marks(ledger) == {}
    assert [each.mode for each in ledger.documents()] == [SecurityMode.SECURED]


def test_no_dre_without_tiers_payant_on_the_complementary_part() -> None:
    both = with_complementary()
    assert len(documents_of(replace(both, coverage=replace(both.coverage, third_party_amc=False)))) == 1


def test_a_degraded_invoice_says_in_its_content_where_its_rights_come_from(ledger: Ledger) -> None:
    (document,) = bill_degraded(ledger, invoice(), Rights.ADR)
    assert document.mode is SecurityMode.DEGRADED
    assert held_invoice(ledger, "190305028").coverage.rights_source == "ADR"
    bill_degraded(ledger, invoice(), Rights.PRACTICE)
    assert held_invoice(ledger, "190305028").coverage.rights_source == "CABINET"


def test_degraded_invoices_are_loaded_only_if_marked_for_it(ledger: Ledger) -> None:
    bill_degraded(ledger, invoice(), Rights.PRACTICE)
    assert marked_documents(ledger, [invoice()], to_load=True) == ()
    assert [each.mode for each in marked_documents(ledger, [invoice()], to_load=False)] == [
        SecurityMode.DEGRADED
    ]
    bill_degraded(ledger, invoice(), Rights.PRACTICE, to_load=True)
    (document,) = marked_documents(ledger, [invoice()], to_load=True)
    assert (document.mode, document.invoice.coverage.rights_source) == (SecurityMode.DEGRADED, "CABINET")


def test_the_mark_can_be_taken_back_until_the_invoice_is_on_a_reader(ledger: Ledger) -> None:
    bill_degraded(ledger, invoice(), Rights.PRACTICE)
    (document,) = bill_secured(ledger, invoice())
    assert (document.mode, document.invoice.coverage.rights_source) == (SecurityMode.SECURED, "")
    ledger.record_loaded([document], "R1")
    with pytest.raises(DeskRefused, match="is LOADED"):
        bill_degraded(ledger, invoice(), Rights.PRACTICE)
    assert marked_documents(ledger, [invoice()], to_load=True)[0].mode is SecurityMode.SECURED


def test_only_degraded_invoices_have_a_sheet_to_send_on_paper(ledger: Ledger) -> None:
    ledger.record_prepared(documents_of(invoice()))
    with pytest.raises(DeskRefused, match="not degraded"):
        send_sheet_on_paper(ledger, "190305028", True)


def test_an_unknown_invoice_is_named(ledger: Ledger) -> None:
    with pytest.raises(UnknownInvoice, match="no invoice 1"):
        held_invoice(ledger, "1")


def test_loaded_signed_off_the_cable_by_the_owner_alone_and_pulled_with_the_dre(ledger: Ledger) -> None:
    bench = Bench()
    prepared = with_complementary()
    bill_degraded(ledger, prepared, Rights.PRACTICE, to_load=True)
    documents = marked_documents(ledger, [prepared], to_load=True)
    push_owner(bench.client(), ledger, NURSE, documents)
    bench.unplug()
    bench.insert_ps(MAYA)
    bench.press("VAL")
    bench.type_code()
    assert "1 FACTURE SIGNEE" in bench.text
    client = bench.client()
    client.verify_code(CODE)
    pulled = pull(client, ledger, ANCHORS)
    assert (pulled.complete, pulled.left) == (2, ())
    assert {(each.kind, each.mode, each.state) for each in ledger.documents()} == {
        (kind, SecurityMode.DEGRADED, LedgerState.COMPLETE) for kind in DocumentKind
    }


def test_signed_at_the_desk_by_the_owner_alone_and_by_nobody_else(ledger: Ledger) -> None:
    bench = Bench()
    documents = bill_degraded(ledger, with_complementary(), Rights.ADR)
    client = bench.client()
    bench.insert_ps(PAUL)
    client.verify_code(CODE)
    with pytest.raises(StatusError) as refused:
        certify_documents(client, ledger, ANCHORS, documents)
    assert refused.value.status is Status.NOT_OWNER
    bench.insert_ps(MAYA)
    client.verify_code(CODE)
    done = certify_documents(client, ledger, ANCHORS, documents)
    assert [each.fse.kind for each in done] == [DocumentKind.FSE, DocumentKind.DRE]
    assert {each.state for each in ledger.documents()} == {LedgerState.COMPLETE}


BROKEN = {
    "its documents are gone": "DELETE FROM invoices; DELETE FROM events; DELETE FROM documents",
    "its line is damaged": "UPDATE documents SET mode = 7 WHERE number = '190305900'",
    "its bytes are damaged": "UPDATE invoices SET content = zeroblob(100)",
    "its bytes are gone": "DELETE FROM invoices",
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("in_practice", [False, True])
def test_a_damaged_rectifying_invoice_is_named_and_the_rest_is_pushed(
    ledger: Ledger, broken: str, in_practice: bool
) -> None:
    rectifying = documents_of(invoice("190305900"))
    with ledger.writing():
        ledger.prepare(rectifying)
        put_rectification(ledger, NURSE, "190305900", "190305028", make_invoice().made_on)
    assert marked_documents(ledger, [], to_load=True) == rectifying
    with closing(sqlite3.connect(ledger.path)) as database, database:
        database.execute("PRAGMA ignore_check_constraints = ON")
        database.executescript(broken)
    with Ledger.open(ledger.path) as opened:
        prepared = [invoice("190305001"), *([invoice("190305900")] if in_practice else [])]
        client = Bench().client()
        pushed = push_owner(client, opened, NURSE, marked_documents(opened, prepared, to_load=True))
        (damaged,) = opened.damaged
        assert "190305900 of 75600001 is damaged" in damaged.message
        assert pushed.loaded == 1
        assert [each.id.number for each in client.list_documents(NURSE)] == ["190305001"]


@pytest.mark.parametrize("in_practice", [False, True])
def test_a_damaged_degraded_invoice_holds_up_no_other(ledger: Ledger, in_practice: bool) -> None:
    bill_degraded(ledger, invoice("190305900"), Rights.ADR)
    with closing(sqlite3.connect(ledger.path)) as database, database:
        database.execute("PRAGMA ignore_check_constraints = ON")
        database.execute(BROKEN["its line is damaged"])
    prepared = [invoice("190305001"), *([invoice("190305900")] if in_practice else [])]
    with Ledger.open(ledger.path) as opened:
        marked = marked_documents(opened, prepared, to_load=True)
        assert push_owner(Bench().client(), opened, NURSE, marked).loaded == 1
