"""What reader and ledger may say of one document at the same time."""

from __future__ import annotations

import pytest

from tests.samples import COMPLETE, FINAL, PARTIAL, make_fse, verified
from tla_sim.host.ledger.ledger import LedgerState
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import DocumentKind, Role
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.tools.cast.invoices import make_invoice
from tla_sim.tools.cast.people import NURSE
from tla_sim.tools.judge.ledger import (
    LedgerLine,
    check_cancelled_kept,
    check_certified_kept,
    check_content,
    check_kept,
    check_line,
    check_one_form,
    check_pair,
)
from tla_sim.tools.judge.violation import Violation

DOCUMENT = DocumentId(NURSE, "190305028", DocumentKind.FSE)
NOTHING = LedgerLine(LedgerState.LOADED, b"")


@pytest.mark.parametrize("state", [None, *InvoiceState])
@pytest.mark.parametrize("held", LedgerState)
def test_what_the_ledger_holds_bounds_what_is_on_board(state: InvoiceState | None, held: LedgerState) -> None:
    certified = (InvoiceState.PARTIAL, InvoiceState.COMPLETE)
    sound = (
        state is None
        or (held is LedgerState.LOADED and state is not InvoiceState.FINAL)
        or (held is LedgerState.CANCELLED and state is InvoiceState.CANCELLED)
        or (held >= LedgerState.PARTIAL and held is not LedgerState.CANCELLED and state in certified)
    )
    if sound:
        check_pair(DOCUMENT, state, held)
    else:
        with pytest.raises(Violation, match="contradict each other"):
            check_pair(DOCUMENT, state, held)


def test_what_was_on_board_is_somewhere() -> None:
    check_kept(DOCUMENT, InvoiceState.LOADED, LedgerState.LOADED)
    check_kept(DOCUMENT, None, LedgerState.PARTIAL)
    with pytest.raises(Violation, match="is lost"):
        check_kept(DOCUMENT, None, LedgerState.LOADED)


@pytest.mark.parametrize("state", [None, InvoiceState.LOADED, InvoiceState.CANCELLED])
def test_what_was_certified_stays_certified(state: InvoiceState | None) -> None:
    check_certified_kept(DOCUMENT, state, LedgerState.FINAL)
    check_certified_kept(DOCUMENT, InvoiceState.PARTIAL, LedgerState.LOADED)
    with pytest.raises(Violation, match="what was certified is lost"):
        check_certified_kept(DOCUMENT, state, LedgerState.LOADED)


def test_what_was_given_up_stays_so() -> None:
    check_cancelled_kept(DOCUMENT, InvoiceState.CANCELLED, LedgerState.LOADED)
    check_cancelled_kept(DOCUMENT, None, LedgerState.CANCELLED)
    with pytest.raises(Violation, match="was cancelled"):
        check_cancelled_kept(DOCUMENT, InvoiceState.LOADED, LedgerState.LOADED)


def test_content_is_what_was_pushed() -> None:
    check_content(DOCUMENT, b"pushed", InvoiceState.LOADED, b"pushed", NOTHING)
    check_content(DOCUMENT, b"pushed", InvoiceState.PARTIAL, b"pushed and signed", NOTHING)
    with pytest.raises(Violation, match="not what was pushed"):
        check_content(DOCUMENT, b"pushed", InvoiceState.LOADED, b"pushed!", NOTHING)
    with pytest.raises(Violation, match="other content"):
        check_content(DOCUMENT, b"pushed", InvoiceState.PARTIAL, b"other and signed", NOTHING)
    with pytest.raises(Violation, match="other content"):
        check_content(DOCUMENT, b"pushed", None, b"", LedgerLine(LedgerState.PARTIAL, b"other"))
    with pytest.raises(Violation, match="no bytes"):
        check_content(DOCUMENT, b"pushed", None, b"", LedgerLine(LedgerState.PARTIAL, b""))


def test_signatures_are_added_and_none_is_replaced() -> None:
    assert check_one_form(DOCUMENT, b"", b"one") == b"one"
    assert check_one_form(DOCUMENT, b"one two", b"one") == b"one two"
    with pytest.raises(Violation, match="two certified forms"):
        check_one_form(DOCUMENT, b"one two", b"one three")


@pytest.mark.parametrize(
    ("held", "roles"),
    [
        (LedgerState.PARTIAL, PARTIAL),
        (LedgerState.COMPLETE, COMPLETE),
        (LedgerState.FINAL, FINAL),
        (LedgerState.TRANSMITTED, COMPLETE),
        (LedgerState.TRANSMITTED, FINAL),
    ],
)
def test_the_ledger_says_the_state_that_the_signatures_give(
    held: LedgerState, roles: tuple[Role, ...]
) -> None:
    signed = verified(make_fse(make_invoice(), roles))
    check_line(signed.id, held, signed)
    with pytest.raises(Violation, match="another document"):
        check_line(signed.id._replace(number="1"), held, signed)
    with pytest.raises(Violation, match="disagree about the state"):
        check_line(signed.id, LedgerState.LOADED, signed)


def test_what_is_partially_certified_is_not_sent() -> None:
    signed = verified(make_fse(make_invoice(), PARTIAL))
    with pytest.raises(Violation, match="disagree about the state"):
        check_line(signed.id, LedgerState.TRANSMITTED, signed)
