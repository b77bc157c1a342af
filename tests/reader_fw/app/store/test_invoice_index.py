"""The index by patient: it finds what is on board as it is now, and reads each document once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.reader_fw.app.store.storage_bench import Bench, load_id
from tla_sim.protocol.documents.document import Document
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import Fse
from tla_sim.protocol.documents.invoice import PreparedInvoice
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.documents.kinds import DocumentKind, SecurityMode
from tla_sim.reader_fw.app.store.invoice_index import InvoiceIndex
from tla_sim.reader_fw.app.store.invoice_store import Entry, InvoiceStore, StagedInvoice
from tla_sim.tools.cast.invoices import make_invoice
from tla_sim.tools.cast.people import DESMAUX, DOCTOR, NURSE

FSE, DRE = DocumentKind.FSE, DocumentKind.DRE


@pytest.fixture
def store() -> Iterator[InvoiceStore]:
    bench = Bench.new()
    yield bench.store
    bench.storage.close()


def put(
    store: InvoiceStore,
    *invoices: PreparedInvoice,
    kind: DocumentKind = FSE,
    mode: SecurityMode = SecurityMode.SECURED,
) -> list[Document]:
    """Load an owner's invoices, and commit."""
    made = [Document.of(Fse(kind, mode, invoice.build())) for invoice in invoices]
    name = load_id(" ".join(each.digest.hex() for each in made))
    owner = invoices[0].owner
    store.stage(
        owner,
        name,
        [StagedInvoice(at, key_of(invoices[at], kind), each) for at, each in enumerate(made)],
    )
    store.commit(owner, name, len(made))
    return made


def key_of(invoice: PreparedInvoice, kind: DocumentKind = FSE) -> DocumentId:
    return DocumentId(invoice.owner, invoice.number, kind)


def found(index: InvoiceIndex, patient: PreparedInvoice) -> list[tuple[str, str, int]]:
    """Owner, number and total of what is found for an invoice's patient."""
    return [
        (summary.key.owner, summary.key.number, summary.total)
        for summary, _ in index.find([patient.beneficiary_key])
    ]


OURS = make_invoice("190305001")
THEIRS = make_invoice("190305001", total=9_900, patient=DESMAUX)


def test_a_patients_documents_are_found_in_order_of_owner_and_number(store: InvoiceStore) -> None:
    index = InvoiceIndex(store)
    put(
        store,
        make_invoice("190305009"),
        make_invoice("190305002"),
        make_invoice("190305003", patient=DESMAUX),
    )
    put(store, make_invoice("190305005", DOCTOR))
    assert found(index, OURS) == [
        (DOCTOR, "190305005", 15_620),
        (NURSE, "190305002", 15_620),
        (NURSE, "190305009", 15_620),
    ]
    assert found(index, THEIRS) == [(NURSE, "190305003", 15_620)]


def test_what_came_went_or_changed_its_state_shows_without_a_word(store: InvoiceStore) -> None:
    index = InvoiceIndex(store)
    assert found(index, OURS) == []
    put(store, OURS)
    assert found(index, OURS) == [(NURSE, "190305001", 15_620)]
    store.cancel(key_of(OURS))
    ((_, state),) = index.find([OURS.beneficiary_key])
    assert state is InvoiceState.CANCELLED
    store.erase(NURSE)
    assert found(index, OURS) == []


def test_a_number_that_comes_back_for_another_patient_is_the_other_patients(store: InvoiceStore) -> None:
    index = InvoiceIndex(store)
    put(store, OURS)
    assert found(index, OURS)
    store.erase(NURSE)
    put(store, THEIRS)
    assert found(index, OURS) == []
    assert found(index, THEIRS) == [(NURSE, "190305001", 9_900)]


def test_a_document_is_read_once_and_not_at_all_when_it_was_learnt(
    store: InvoiceStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = InvoiceIndex(store)
    put(store, OURS)
    (learnt,) = put(store, make_invoice("190305002", DOCTOR))
    index.learn(DocumentId(DOCTOR, "190305002", FSE), learnt)
    read: list[DocumentId] = []
    content = store.content

    def noted(key: DocumentId) -> bytes:
        read.append(key)
        return content(key)

    monkeypatch.setattr(store, "content", noted)
    for _ in range(3):
        assert len(found(index, OURS)) == 2
    assert read == [key_of(OURS)]


def test_the_store_is_gone_through_once_a_change_and_not_at_every_question(
    store: InvoiceStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = InvoiceIndex(store)
    put(store, OURS)
    rounds: list[None] = []
    entries = store.entries

    def counted() -> tuple[Entry, ...]:
        rounds.append(None)
        return entries()

    monkeypatch.setattr(store, "entries", counted)
    for _ in range(3):
        assert len(found(index, OURS)) == 1
        assert index.list_degraded([NURSE]) == ()
    assert len(rounds) == 1
    store.erase(NURSE)
    assert found(index, OURS) == []
    assert len(rounds) == 2


def test_degraded_documents_are_found_by_their_owner_while_they_wait(store: InvoiceStore) -> None:
    index = InvoiceIndex(store)
    put(store, OURS)
    put(store, make_invoice("190305002"), make_invoice("190305003"), mode=SecurityMode.DEGRADED)
    assert [summary.key.number for summary, _ in index.list_degraded([NURSE])] == ["190305002", "190305003"]
    store.cancel(DocumentId(NURSE, "190305002", FSE))
    assert [summary.key.number for summary, _ in index.list_degraded([NURSE])] == ["190305003"]
    assert index.list_degraded([DOCTOR]) == ()


def test_a_document_that_cannot_be_read_is_left_out(store: InvoiceStore) -> None:
    name = load_id("not an invoice")
    store.stage(NURSE, name, [StagedInvoice(0, key_of(OURS), Document(b"not an invoice"))])
    store.commit(NURSE, name, 1)
    assert InvoiceIndex(store).find([OURS.beneficiary_key]) == ()


def test_an_invoice_with_two_documents_is_found_twice(store: InvoiceStore) -> None:
    put(store, OURS)
    put(store, OURS, kind=DRE)
    kinds = [summary.key.kind for summary, _ in InvoiceIndex(store).find([OURS.beneficiary_key])]
    assert kinds == [FSE, DRE]
