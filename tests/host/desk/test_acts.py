"""Acts of both nomenclatures on the care sheet and on the desk's screen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest

from tla_sim.host.desk.care_sheet import care_sheet
from tla_sim.host.desk.standing import standing
from tla_sim.host.desk.summary import summary
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.practice.invoices import prepared_invoices
from tla_sim.protocol.documents.invoice import MAX_ACTS, PreparedInvoice, digest
from tla_sim.protocol.groups.invoice import CcamAct
from tla_sim.tools.cast import demo_practice
from tla_sim.tools.cast.invoices import make_act, make_ccam_act, make_invoice, with_acts


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "ledger.sqlite") as opened:
        yield opened


def doctors_invoice() -> PreparedInvoice:
    """The one of the cast with CCAM acts beside a visit."""
    (found,) = [
        each
        for each in prepared_invoices(demo_practice())
        if any(isinstance(act, CcamAct) for act in each.acts)
    ]
    return found


def rows(pdf: bytes) -> list[str]:
    with pypdfium2.PdfDocument(pdf) as document:
        assert len(document) == 1
        return str(document[0].get_textpage().get_text_bounded()).splitlines()


def test_the_sheet_prints_code_activity_modifiers_and_price_of_a_ccam_act() -> None:
    text = "\n".join(rows(care_sheet(doctors_invoice())))
    for expected in ("Act-ph", "Modif.", "Prix €", "DEQP003", "1-0", "14,26", "49,26", "YYYY490", "120,36"):
        assert expected in text
    assert "MDN" in text, "the NGAP act beside it"


def test_association_and_exceptional_reimbursement_are_printed() -> None:
    invoice = with_acts(make_invoice(), make_ccam_act(association="2", exceptional=True))
    assert "2 RE" in "\n".join(rows(care_sheet(invoice)))


@pytest.mark.parametrize("count", [1, 30, 31, MAX_ACTS])
def test_the_widest_act_is_never_cut(count: int) -> None:
    widest = make_ccam_act(
        amount=9_999_999,
        code="WMWM000",
        activity="4",
        phase="3",
        modifiers="WM79",
        association="4",
        exceptional=True,
        price=9_999_999,
        quantity=99,
        at_home=True,
    )
    visit = make_act(coefficient=1_225)
    shown = rows(care_sheet(with_acts(make_invoice(), *[widest] * count)))
    assert "…" not in "\n".join(shown)
    beside = rows(care_sheet(with_acts(make_invoice(), visit, *[widest] * (count - 1))))
    assert "…" not in "\n".join(beside)


def test_a_sheet_without_ccam_acts_has_the_columns_it_always_had() -> None:
    text = "\n".join(rows(care_sheet(make_invoice())))
    assert "Coef." in text
    assert "Modif." not in text


def test_the_screen_names_the_acts_of_each_nomenclature_with_their_sum(ledger: Ledger) -> None:
    invoice = doctors_invoice()
    sections = {each.title: dict(each.lines) for each in summary(invoice, standing(ledger, invoice))}
    assert sections["Actes"] == {
        "Actes NGAP": "1 x V 1, 1 x MDN 1 : 61,50",
        "Actes CCAM": "1 x DEQP003 1-0 P, 1 x YYYY490 1-0 : 58,86",
    }
    nurse = make_invoice()
    (acts,) = [each for each in summary(nurse, standing(ledger, nurse)) if each.title == "Actes"]
    assert dict(acts.lines) == {"Actes NGAP": "2 x AMI 4 : 156,20"}


def test_both_nomenclatures_are_in_what_is_signed() -> None:
    invoice = doctors_invoice()
    other = tuple(
        replace(act, modifiers="U") if isinstance(act, CcamAct) and act.modifiers else act
        for act in invoice.acts
    )
    assert digest(replace(invoice, acts=other).build()) != digest(invoice.build())
