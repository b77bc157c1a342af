"""Prepared invoices: canonical bytes, refused when groups or sums are wrong."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tla_sim.protocol.birth_date import BirthDate
from tla_sim.protocol.documents.invoice import MAX_ACTS, PreparedInvoice, digest, euros
from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.groups.declaration import encode_typed
from tla_sim.protocol.groups.invoice import (
    Act,
    AmoBody,
    Coverage,
    InvoiceBeneficiary,
    InvoiceIdentification,
    InvoicePs,
    Patient,
    Prescription,
    Totals,
)

AMOUNTS = st.lists(st.integers(0, 100_000), min_size=1, max_size=12)


def an_invoice(amounts: list[int], number: str = "190305028") -> PreparedInvoice:
    total = sum(amounts)
    return PreparedInvoice(
        identification=InvoiceIdentification(invoice_number=number, made_on=date(2019, 3, 5)),
        ps=InvoicePs(billing_number="750000001", last_name="PIQURE2969", first_name="MAYA"),
        beneficiary=InvoiceBeneficiary(
            nir="1550775001001", nir_key="12", birth_date=BirthDate("19550701"), birth_rank="1"
        ),
        patient=Patient(last_name="MARTIN", first_name="PAUL"),
        amo=AmoBody(regime="01", fund="750"),
        prescription=Prescription(last_name="TOUBIB", prescribed_on=date(2019, 1, 1)),
        coverage=Coverage(nature="10", exoneration="5", third_party_amo=True, rate=100),
        acts=tuple(
            Act(performed_on=date(2019, 3, 5), code="AMI", coefficient=400, quantity=1, amount=amount)
            for amount in amounts
        ),
        totals=Totals(total=total, fund=total),
    )


@given(AMOUNTS)
def test_an_invoice_comes_back_as_it_was(amounts: list[int]) -> None:
    invoice = an_invoice(amounts)
    raw = invoice.build()
    assert PreparedInvoice.parse(raw) == invoice
    assert PreparedInvoice.parse(raw).build() == raw
    assert len(digest(raw)) == 32


def test_no_flipped_bit_is_read_as_the_same_invoice() -> None:
    invoice = an_invoice([100, 100, 0])
    raw = invoice.build()
    refused = 0
    for bit in range(8 * len(raw)):
        damaged = bytearray(raw)
        damaged[bit // 8] ^= 1 << bit % 8
        try:
            read = PreparedInvoice.parse(bytes(damaged))
        except CodecError:
            refused += 1
        else:
            assert read != invoice, f"bit {bit}"
    assert 4 * len(raw) < refused < 8 * len(raw)


@pytest.mark.parametrize(
    ("totals", "problem"),
    [
        (Totals(total=100, fund=100), "its acts add up to 3,00"),
        (Totals(total=300, fund=100), "its parts add up to 1,00"),
        (Totals(total=300, fund=400, insured=-100), "negative"),
        (Totals(total=300, fund=300, to_pay=301), "more than the total"),
    ],
)
def test_sums_that_do_not_agree_are_refused(totals: Totals, problem: str) -> None:
    invoice = dataclasses.replace(an_invoice([100, 200]), totals=totals)
    with pytest.raises(CodecError, match=problem):
        PreparedInvoice.parse(invoice.build())


def test_groups_missing_doubled_or_out_of_order_are_refused() -> None:
    groups = an_invoice([100]).groups()
    for bad in (groups[1:], groups[:-1], (*groups, groups[-1]), (groups[1], groups[0], *groups[2:])):
        with pytest.raises(CodecError):
            PreparedInvoice.parse(encode_typed(bad))


def test_too_many_acts_are_refused() -> None:
    with pytest.raises(CodecError, match="acts expected"):
        PreparedInvoice.parse(an_invoice([1] * (MAX_ACTS + 1)).build())


def test_amounts_are_written_the_french_way() -> None:
    assert [euros(amount) for amount in (15620, 5, 0, -1250)] == ["156,20", "0,05", "0,00", "-12,50"]


def test_a_beneficiary_key_does_not_show_the_nir() -> None:
    assert "155" not in repr(an_invoice([1]).beneficiary_key)
