"""Acts of either nomenclature in an invoice's bytes, beside those that were written before the CCAM came."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tla_sim.host.practice.invoices import prepared_invoices
from tla_sim.protocol.documents.act import BilledAct, act_text, coefficient_text
from tla_sim.protocol.documents.invoice import PreparedInvoice
from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.groups.invoice import Act
from tla_sim.tools.cast import demo_practice
from tla_sim.tools.cast.invoices import make_ccam_act, make_invoice, with_acts

OLD = Path(__file__).parents[2] / "cases" / "invoice-of-ngap-acts.bin"
"""190301201 of the shipped practice, as it was built when an act was of the NGAP alone."""

NGAP = st.builds(
    Act,
    performed_on=st.dates(date(1900, 1, 1), date(2099, 12, 31)),
    code=st.from_regex(r"[A-Z][A-Z0-9]{0,4}", fullmatch=True),
    coefficient=st.integers(0, 999_999_999),
    quantity=st.integers(1, 99),
    amount=st.integers(0, 999_999_999),
)
CCAM = st.builds(
    make_ccam_act,
    amount=st.integers(0, 999_999_999),
    code=st.from_regex(r"[A-Z]{4}[0-9]{3}", fullmatch=True),
    activity=st.sampled_from("12345"),
    phase=st.sampled_from("0123"),
    modifiers=st.from_regex(r"[A-Z0-9]{0,4}", fullmatch=True),
    association=st.sampled_from(["", "1", "2", "3", "4", "5"]),
    exceptional=st.booleans(),
    price=st.integers(0, 999_999_999),
    at_home=st.booleans(),
)


@given(st.lists(NGAP | CCAM, min_size=1, max_size=20))
def test_acts_of_both_kinds_come_back_in_their_order(acts: list[BilledAct]) -> None:
    invoice = with_acts(make_invoice(), *acts)
    raw = invoice.build()
    assert PreparedInvoice.parse(raw) == invoice
    assert PreparedInvoice.parse(raw).build() == raw


def test_what_was_written_before_is_read_and_written_the_same() -> None:
    raw = OLD.read_bytes()
    invoice = PreparedInvoice.parse(raw)
    assert [act_text(each) for each in invoice.acts][:1] == ["AMK 7,5"]
    assert invoice.build() == raw
    (now,) = [each for each in prepared_invoices(demo_practice()) if each.number == invoice.number]
    assert now.build() == raw, "a reader that holds it must know it again"


@pytest.mark.parametrize("field", ["code", "activity", "phase"])
def test_a_ccam_act_without_what_names_it_is_refused(field: str) -> None:
    raw = with_acts(make_invoice(), make_ccam_act(**{field: ""})).build()
    with pytest.raises(CodecError, match=r"Group 9131 .*must not be empty"):
        PreparedInvoice.parse(raw)


def test_an_act_is_named_as_its_nomenclature_writes_it() -> None:
    assert act_text(make_ccam_act()) == "DEQP003 1-0 P"
    assert act_text(make_ccam_act(modifiers="", activity="4", phase="2")) == "DEQP003 4-2"
    assert act_text(make_invoice().acts[0]) == "AMI 4"
    assert [coefficient_text(each) for each in (0, 50, 450, 1_234_567)] == ["0", "0,5", "4,5", "12345,67"]
