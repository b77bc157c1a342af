"""The summary of an invoice: sections and labels of the desk's screen, in their order and words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tla_sim.host.desk.pieces import Travel
from tla_sim.host.desk.standing import Standing
from tla_sim.host.desk.summary import (
    exoneration_text,
    nature_text,
    rights_text,
    summary,
    third_party_text,
)
from tla_sim.host.ledger.desk_model import Mark, Rights
from tla_sim.host.ledger.model import LedgerState
from tla_sim.protocol.documents.fse import DocumentKind, SecurityMode
from tla_sim.protocol.documents.invoice import PreparedInvoice
from tla_sim.protocol.groups.invoice import AmcBody, Coverage
from tla_sim.tools.cast.invoices import make_act, make_ccam_act, make_invoice, with_acts

PLAIN = Standing(
    SecurityMode.SECURED,
    ((DocumentKind.FSE, LedgerState.COMPLETE),),
    Mark(),
    (),
    Travel.NOT_NEEDED,
    Travel.NOT_NEEDED,
)
DEGRADED = replace(PLAIN, mode=SecurityMode.DEGRADED, mark=Mark(degraded=True, to_load=False))


def told(invoice: PreparedInvoice, stands: Standing = PLAIN) -> dict[str, dict[str, str]]:
    return {section.title: dict(section.lines) for section in summary(invoice, stands)}


def test_a_secured_invoice_is_summed_up_in_the_order_of_the_screen() -> None:
    found = told(make_invoice())
    assert list(found) == [
        "Prescription",
        "Entente préalable",
        "Facture Complémentaire Actes NGAP",
        "Remboursements",
        "Parcours de soins",
        "Montants Remboursables",
        "Pièce justificative",
        "Options",
        "Actes",
        "Droits",
        "Documents et pièces",
    ]
    assert found["Prescription"] == {
        "Patient": "MARTIN PAUL",
        "Prescrit par": "TOUBIB PAUL le 01/01/2019",
    }
    assert found["Entente préalable"] == {"Code": "du 00/00/0000", "Motif": ""}
    assert found["Facture Complémentaire Actes NGAP"] == {
        "N°": "190305028",
        "Du": "05/03/2019",
        "Catégorie": "Facture Sesam-Vitale",
    }
    assert found["Actes"] == {"Actes NGAP": "2 x AMI 4 : 156,20"}
    assert (found["Remboursements"]["Caisse"], found["Remboursements"]["%"]) == (
        "CPAM - DEMONSTRATION",
        "100",
    )
    assert found["Droits"]["Origine des droits"] == "Carte Vitale"
    assert found["Montants Remboursables"] == {
        "Total": "156,20",
        "Caisse": "156,20",
        "Complémentaire": "0,00",
        "Assuré": "0,00",
        "A payer": "0,00 (hors règlements perçus)",
    }
    assert found["Documents et pièces"] == {"Documents": "FSE", "Pièces": "Aucune"}
    assert list(found["Options"].values()) == ["non", "oui", "non", "non"]


def test_a_degraded_invoice_says_where_its_rights_come_from_and_what_is_printed() -> None:
    plain = make_invoice()
    invoice = replace(plain, coverage=replace(plain.coverage, rights_source=Rights.ADR))
    found = told(invoice, replace(DEGRADED, prescription=Travel.PAPER, sheet=Travel.PAPER))
    assert found["Facture Complémentaire Actes NGAP"]["Catégorie"] == "Facture Sesam-Vitale, mode dégradé"
    assert found["Droits"]["Origine des droits"] == "Réponse ADR"
    assert found["Documents et pièces"] == {
        "Documents": "FSE",
        "Pièce 1": "Ordonnance : sur papier",
        "Pièce 2": "Feuille de soins : sur papier",
    }
    assert list(found["Options"].values()) == ["oui", "non", "oui", "oui"]
    assert list(told(plain, DEGRADED)["Options"].values()) == ["oui", "non", "non", "non"]


def test_the_acts_of_each_nomenclature_are_counted_and_added_up() -> None:
    invoice = with_acts(
        make_invoice(),
        make_act(amount=100, quantity=2),
        make_ccam_act(),
        make_act(amount=50),
        make_act(coefficient=150, amount=25),
    )
    assert told(invoice)["Actes"] == {
        "Actes NGAP": "3 x AMI 4, 1 x AMI 1,5 : 1,75",
        "Actes CCAM": "1 x DEQP003 1-0 P : 49,26",
    }


def test_an_agreement_and_the_invoice_that_is_rectified_are_named() -> None:
    plain = make_invoice()
    assert plain.prescription is not None
    agreed = replace(
        plain.prescription,
        prior_agreement="7",
        prior_agreement_on=date(2019, 2, 1),
        prior_agreement_reason="soins longs",
    )
    rectified = replace(plain.identification, rectified_number="190200001", rectified_on=date(2019, 2, 20))
    found = told(replace(plain, prescription=agreed, identification=rectified))
    assert found["Entente préalable"] == {"Code": "7 du 01/02/2019", "Motif": "soins longs"}
    assert found["Documents et pièces"]["Rectifie la facture"] == "190200001 du 20/02/2019"
    assert "Prescrit par" not in told(replace(plain, prescription=None))["Prescription"]


@pytest.mark.parametrize(
    ("state", "text"), [(None, ""), (LedgerState.LOADED, "LOADED"), (LedgerState.FINAL, "FINAL")]
)
@pytest.mark.parametrize(("stands", "kind"), [(PLAIN, "sécurisée"), (DEGRADED, "dégradée")])
def test_a_dre_has_a_section_before_the_options(
    stands: Standing, kind: str, state: LedgerState | None, text: str
) -> None:
    both = ((DocumentKind.FSE, LedgerState.FINAL), (DocumentKind.DRE, state))
    found = told(make_invoice(), replace(stands, documents=both))
    assert list(found)[-5:-3] == ["DRE", "Options"]
    assert found["Documents et pièces"]["Documents"] == "FSE + DRE"
    assert found["DRE"] == {"N° DRE": "190305028", "Date": "05/03/2019", "Etat": text, "Type": kind}


def test_a_state_is_worded_by_who_asks() -> None:
    both = ((DocumentKind.DRE, LedgerState.FINAL),)
    sections = summary(make_invoice(), replace(PLAIN, documents=both), lambda state: f"<{state.name}>")
    assert ("Etat", "<FINAL>") in next(each for each in sections if each.title == "DRE").lines


@pytest.mark.parametrize(
    ("amc", "shown"),
    [(AmcBody(identifier="123"), "123"), (AmcBody(identifier="123", name="MUTUELLE"), "MUTUELLE")],
)
def test_the_complementary_body_is_named(amc: AmcBody, shown: str) -> None:
    assert told(replace(make_invoice(), amc=amc))["Droits"]["Complémentaire"] == shown
    assert "Complémentaire" not in told(make_invoice())["Remboursements"]


def test_the_care_path_is_told_or_does_not_matter() -> None:
    plain = make_invoice()
    followed = replace(plain, coverage=replace(plain.coverage, care_path="par le médecin traitant"))
    assert told(followed)["Parcours de soins"] == {"La facture est élaborée": "par le médecin traitant"}
    assert told(plain)["Parcours de soins"]["Déclaration du médecin traitant"] == "Sans objet"


def cover(**values: Any) -> Coverage:
    """Of an ordinary invoice, but for these."""
    return replace(make_invoice().coverage, **values)


def test_codes_are_worded_where_they_have_a_public_meaning() -> None:
    assert [nature_text(cover(nature=each)) for each in ("10", "30", "90")] == [
        "10 Maladie",
        "30 Maternité",
        "90",
    ]
    assert [exoneration_text(cover(exoneration=each)) for each in ("", "5", "1")] == [
        "Aucune",
        "5 Assuré ou bénéficiaire exonéré",
        "1",
    ]
    assert [
        third_party_text(cover(third_party_amo=amo, third_party_amc=amc))
        for amo in (True, False)
        for amc in (True, False)
    ] == [
        "Tiers payant sur parts obligatoire et complémentaire",
        "Tiers payant sur part obligatoire",
        "Tiers payant sur part complémentaire",
        "Sans tiers payant",
    ]
    sources = [Rights.PRACTICE, Rights.ADR, "AUTRE", ""]
    shown = [rights_text(cover(rights_source=each), SecurityMode.DEGRADED) for each in sources]
    assert shown == ["Informations connues du cabinet", "Réponse ADR", "AUTRE", "Non précisée"]
