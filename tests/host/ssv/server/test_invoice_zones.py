"""Invoices and documents in memory zones: the same bytes as on our own line, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tla_sim
from tests.desk_kit import invoice, with_dre
from tests.ssv_kit import zone
from tla_sim.host.documents import OutgoingDocument
from tla_sim.host.ssv.failure import CallRefused, code_of
from tla_sim.host.ssv.server.document_zones import document_group, read_document, read_documents
from tla_sim.host.ssv.server.invoice_zones import read_invoice
from tla_sim.protocol.documents.document import Document
from tla_sim.protocol.documents.fse import DocumentKind, Fse, SecurityMode
from tla_sim.protocol.documents.invoice import PreparedInvoice
from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.groups.declaration import Group
from tla_sim.protocol.groups.invoice import Patient
from tla_sim.tools.cast.invoices import make_act, make_ccam_act, make_invoice, with_acts

SHIPPED = tla_sim.prepared_invoices(tla_sim.demo_practice())


def loaded(prepared: PreparedInvoice, kind: DocumentKind = DocumentKind.FSE) -> bytes:
    """The unsigned document of an invoice."""
    return Document.of(Fse(kind, SecurityMode.SECURED, prepared.build())).content


@pytest.mark.parametrize("prepared", SHIPPED, ids=[each.number for each in SHIPPED])
def test_a_zone_says_the_practice_files_invoice_to_the_byte(prepared: PreparedInvoice) -> None:
    assert read_invoice(zone(*prepared.groups())).build() == prepared.build()


@given(
    amounts=st.lists(st.integers(0, 99_999), min_size=1, max_size=60),
    ccam=st.booleans(),
    name=st.text(
        st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=60
    ),
)
def test_any_invoice_comes_out_of_its_zone(amounts: list[int], ccam: bool, name: str) -> None:
    act = make_ccam_act if ccam else make_act
    prepared = with_acts(make_invoice(), *(act(amount=each) for each in amounts))
    prepared = replace(prepared, patient=Patient(last_name=name))
    try:
        prepared.build()
    except tla_sim.CodecError:
        return  # more bytes than an invoice has
    assert read_invoice(zone(*prepared.groups())) == prepared


def without(number: int) -> Callable[[list[Group]], list[Group]]:
    return lambda groups: [each for each in groups if each.DECLARATION.number != number]


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        (without(1110), 0xF802, "lacks group 1110"),
        (without(9130), 0xF802, "1 to 60 acts expected"),
        (without(9140), 0xF802, "lacks group 9140"),
        (lambda groups: [*groups, *groups], 0xF802, "stands where the invoice allows none"),
        (lambda groups: groups[::-1], 0xF802, "lacks group 1110"),
        (lambda groups: [*groups[:-1], replace(groups[-1], total=1)], 0xF802, "add up"),
        (lambda groups: [document_group(loaded(invoice("1"))), *groups], 0xF802, "lacks group 1110"),
        (
            lambda groups: [replace(groups[0], made_on=date(2018, 1, 1)), *groups[1:]],
            0xF802,
            "190305001",
        ),
    ],
)
def test_what_is_no_invoice_is_refused(
    change: Callable[[list[Group]], list[Group]], code: int, words: str
) -> None:
    with pytest.raises(TlaError, match=words) as refused:
        read_invoice(zone(*change(list(invoice("190305001").groups()))))
    assert code_of(refused.value) == code


@given(st.data())
def test_a_zone_cut_short_is_f802(data: st.DataObject) -> None:
    raw = zone(*invoice("190305001").groups())
    cut = raw[: data.draw(st.integers(0, len(raw) - 1))]
    with pytest.raises(TlaError) as refused:
        read_invoice(cut)
    assert code_of(refused.value) in (0xF802, 0xF0FF), "cut inside a group, or between two"


def test_documents_come_out_of_their_zones_in_order_each_once() -> None:
    both = with_dre(invoice("2"))
    contents = [loaded(invoice("1")), loaded(both), loaded(both, DocumentKind.DRE)]
    groups = [document_group(each) for each in contents]
    found = read_documents((zone(*groups[:2]), zone(groups[2], groups[0])))
    assert [each.document.content for each in found] == contents
    assert [(each.id.number, each.id.kind.name) for each in found] == [
        ("1", "FSE"),
        ("2", "FSE"),
        ("2", "DRE"),
    ]


def test_group_9310_says_what_its_document_does() -> None:
    content = loaded(with_dre(invoice("190305001")), DocumentKind.DRE)
    group = document_group(content)
    assert (group.owner, group.number, group.kind, group.state, group.mode) == (
        OutgoingDocument.of(invoice("190305001")).id.owner,
        "190305001",
        2,
        "LOADED",
        1,
    )
    assert group.digest == Document(content).digest.hex()
    assert document_group(content, with_content=False) == replace(group, content=b"")


@pytest.mark.parametrize(
    "change",
    [
        {"owner": "1"},
        {"number": "2"},
        {"kind": 2},
        {"kind": 7},
        {"mode": 2},
        {"state": "FINAL"},
        {"digest": "00"},
        {"content": b""},
        {"content": b"FSE"},
    ],
)
def test_a_group_that_says_something_else_than_its_document_is_f802(change: dict[str, object]) -> None:
    group = replace(document_group(loaded(invoice("1"))), **change)  # type: ignore[arg-type]
    with pytest.raises(CallRefused) as refused:
        read_documents((zone(group),))
    assert refused.value.ssv == 0xF802


def test_what_a_group_leaves_out_is_not_compared() -> None:
    content = loaded(invoice("1"))
    group = replace(document_group(content), state="", mode=0, digest="")
    (found,) = read_documents((zone(group),))
    assert found == read_document(content)


def test_another_group_and_a_second_document_of_a_name_are_f802() -> None:
    later = make_invoice("1", made_on=date(2019, 3, 5) + timedelta(days=1))
    for groups in (
        invoice("1").groups()[:1],
        (document_group(loaded(invoice("1"))), document_group(loaded(later))),
    ):
        with pytest.raises(CallRefused) as refused:
            read_documents((zone(*groups),))
        assert refused.value.ssv == 0xF802
