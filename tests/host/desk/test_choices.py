"""The choices of an invoice's screen, at every step of its life."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk_kit import Desk, invoice, open_desk
from tests.scans import image_bytes, page
from tla_sim.host.desk.choices import Choice, Option, Wanted, choices, choose
from tla_sim.host.desk.errors import DeskRefused
from tla_sim.host.desk.marks import documents_at_desk
from tla_sim.host.desk.pieces import attach
from tla_sim.host.desk.standing import standing
from tla_sim.host.ledger.desk_model import PieceRole, Rights
from tla_sim.host.ledger.ledger import LedgerState
from tla_sim.host.ledger.marks import mark_of
from tla_sim.tools.cast.people import NURSE

A = "190305001"
DEGRADED = Wanted(degraded=True)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    yield from open_desk(tmp_path)


def offered(desk: Desk) -> dict[Option, Choice]:
    shown = documents_at_desk(desk.ledger, [invoice(A)], NURSE, A)[0].invoice
    return {each.option: each for each in choices(desk.ledger, shown, standing(desk.ledger, shown))}


def chosen(desk: Desk) -> list[Option]:
    return [option for option, each in offered(desk).items() if each.chosen]


def refused(desk: Desk) -> dict[Option, str]:
    return {option: each.reason for option, each in offered(desk).items() if not each.possible}


def test_what_a_prepared_invoice_offers(desk: Desk) -> None:
    assert list(offered(desk)) == list(Option)
    assert chosen(desk) == [Option.ON_PAPER]
    assert refused(desk) == {Option.ON_PAPER: "PIQURE2969 MAYA has no digitised signature"}
    desk.sign_digitally()
    assert (chosen(desk), refused(desk)) == ([], {})


def test_degraded_and_back(desk: Desk) -> None:
    desk.sign_digitally()
    choose(desk.ledger, invoice(A), Wanted(degraded=True, rights=Rights.ADR, to_load=True, on_paper=True))
    assert chosen(desk) == [Option.DEGRADED, Option.TO_LOAD, Option.ON_PAPER, Option.ADR]
    choose(desk.ledger, invoice(A), Wanted(to_load=False))
    choose(desk.ledger, invoice(A), Wanted(on_paper=False))
    assert chosen(desk) == [Option.DEGRADED, Option.ADR], "what is not named stays as it is"
    choose(desk.ledger, invoice(A), Wanted(rights=Rights.PRACTICE))
    assert chosen(desk) == [Option.DEGRADED]
    choose(desk.ledger, invoice(A), Wanted(degraded=False))
    assert chosen(desk) == []
    assert not mark_of(desk.ledger, NURSE, A).degraded


def test_to_stay_secured_changes_nothing(desk: Desk) -> None:
    choose(desk.ledger, invoice(A), Wanted(degraded=False))
    choose(desk.ledger, invoice(A), Wanted())
    assert desk.ledger.documents() == []


@pytest.mark.parametrize("wanted", [Wanted(rights=Rights.ADR), Wanted(to_load=True), Wanted(on_paper=True)])
def test_what_concerns_degraded_billing_alone_is_refused_for_a_secured_one(
    desk: Desk, wanted: Wanted
) -> None:
    with pytest.raises(DeskRefused, match="is not degraded"):
        choose(desk.ledger, invoice(A), wanted)
    assert desk.ledger.documents() == []


def test_how_a_signed_invoice_is_billed_is_settled_but_not_its_sheet(desk: Desk) -> None:
    desk.sign_digitally()
    desk.degraded(A)
    settled = "It is certified already; how it is billed cannot change any more"
    assert refused(desk) == {
        Option.BILL: settled,
        Option.DEGRADED: settled,
        Option.TO_LOAD: settled,
        Option.ADR: settled,
    }
    with pytest.raises(DeskRefused, match=f"FSE {A} of PIQURE2969 MAYA is COMPLETE"):
        choose(desk.ledger, invoice(A), Wanted(degraded=False))
    choose(desk.ledger, invoice(A), Wanted(on_paper=True))
    assert Option.ON_PAPER in chosen(desk)
    desk.files()
    assert refused(desk)[Option.ON_PAPER] == f"Invoice {A} is in a lot already; its pieces cannot change"
    assert Option.ON_PAPER in chosen(desk)


def test_a_secured_signed_invoice_has_no_sheet(desk: Desk) -> None:
    desk.secured(A)
    assert refused(desk)[Option.ON_PAPER] == "Only a degraded invoice has a care sheet"
    assert chosen(desk) == []


def test_a_scanned_sheet_is_not_printed(desk: Desk, tmp_path: Path) -> None:
    choose(desk.ledger, invoice(A), DEGRADED)
    path = tmp_path / "feuille.jpg"
    path.write_bytes(image_bytes(page()))
    attach(desk.ledger, path, [A], PieceRole.CARE_SHEET)
    assert refused(desk) == {Option.ON_PAPER: "It was scanned and travels as feuille.jpg"}


def test_one_given_up_on_the_round_may_be_billed_degraded(desk: Desk) -> None:
    (document,) = documents_at_desk(desk.ledger, [invoice(A)], NURSE, A)
    desk.ledger.record_loaded([document], "TLA1")
    loaded = refused(desk)
    assert Option.BILL not in loaded
    assert loaded[Option.DEGRADED] == (
        "It is in a reader; to bill it degraded, give it up on its keys (▼ to it, MENU, MENU=ANNULER FACTURE,"
        " VAL), then unload"
    )
    desk.ledger.record_cancelled([document.id], "TLA1")
    assert list(refused(desk)) == [Option.BILL, Option.ON_PAPER]
    assert refused(desk)[Option.BILL] == (
        "It was given up on the round; bill it degraded, or correct it under its number and load it again"
    )
    choose(desk.ledger, invoice(A), DEGRADED)
    assert desk.ledger.state(document.id) is LedgerState.PREPARED
    assert Option.BILL not in refused(desk)
