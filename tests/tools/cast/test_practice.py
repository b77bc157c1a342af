"""The shipped practice is the field's sample, to the cent, and what the round needs around it."""

from __future__ import annotations

from datetime import date

from tla_sim.host.practice.file import load_practice
from tla_sim.host.practice.invoices import prepared_invoices
from tla_sim.protocol.documents.invoice import MAX_INVOICE_BYTES, PreparedInvoice, euros
from tla_sim.tools.cast import demo_practice, practice_path

NURSE, DOCTOR, MASSEUR = demo_practice().owners


def of(owner: str) -> dict[str, PreparedInvoice]:
    return {each.number: each for each in prepared_invoices(demo_practice(), owner)}


def test_the_nurses_invoices_are_those_of_the_sample() -> None:
    rows = [
        (
            number,
            f"{each.patient.last_name} {each.patient.first_name}",
            each.amo.recipient,
            f"{each.made_on:%d/%m/%Y}",
            euros(each.totals.total),
            f"{each.prescription.prescribed_on:%d/%m/%y}" if each.prescription else "",
        )
        for number, each in of(NURSE).items()
    ]
    assert rows[:4] == [
        ("190305028", "MARTIN PAUL", "CPAM - DEMONSTRATION", "05/03/2019", "156,20", "01/01/19"),
        ("190221022", "MARTIN PAUL", "CPAM - DEMONSTRATION", "21/02/2019", "624,80", "01/01/19"),
        ("190221023", "MARTIN PAUL", "CPAM - DEMONSTRATION", "21/02/2019", "46,40", "01/01/19"),
        ("190220006", "DESMAUX NATHALIE", "CPAM - DEMONSTRATION", "20/02/2019", "258,60", "01/02/19"),
    ]
    for each in of(NURSE).values():
        cover, totals = each.coverage, each.totals
        assert (cover.nature, cover.exoneration, cover.rate, cover.third_party_amo) == ("10", "5", 100, True)
        assert (totals.fund, totals.complementary, totals.insured, totals.to_pay) == (totals.total, 0, 0, 0)
        assert each.ps.last_name == "PIQURE2969"
        assert each.prescription is not None
        assert each.prescription.last_name == "TOUBIB"
    assert len(of(NURSE)["190305028"].acts) > 3


def test_two_more_professionals_bill_the_same_patients() -> None:
    for owner in (DOCTOR, MASSEUR):
        assert {each.patient.last_name for each in of(owner).values()} == {"MARTIN", "DESMAUX"}


def test_rights_hold_on_the_day_of_the_sample_and_today_except_for_one_patient() -> None:
    lapsed = []
    for patient in demo_practice().patients:
        assert patient.card_end > date(2035, 1, 1)
        for who in patient.beneficiaries:
            for day in (date(2019, 3, 5), date(2035, 1, 1)):
                if not any(each.start <= day and each.end and day <= each.end for each in who.rights):
                    lapsed.append(who.last_name)
            if who.last_name in lapsed:
                assert [each.end for each in who.rights] == [date(2018, 12, 31)]
    assert lapsed == ["LANTIER", "LANTIER"]
    assert "LANTIER" in [each.patient.last_name for each in of(NURSE).values()]


def test_there_is_a_secretary_and_every_invoice_fits_a_reader() -> None:
    assert len(demo_practice().staff) == 1
    for each in prepared_invoices(demo_practice()):
        raw = each.build()
        assert PreparedInvoice.parse(raw) == each
        assert len(raw) <= MAX_INVOICE_BYTES


def test_the_file_itself_can_be_named() -> None:
    with practice_path() as path:
        assert load_practice(path) == demo_practice()
