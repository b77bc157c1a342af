"""An invoice as the desk's screen sums it up, in the words of the field.

Labels are those of the editors' notices; a code without a public meaning is shown as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from protocol.fse import DocumentKind, SecurityMode
from protocol.group_dictionary import Coverage
from protocol.invoice import PreparedInvoice, euros

_NATURES: Final = {"10": "Maladie"}
_EXONERATIONS: Final = {"5": "Assuré ou bénéficiaire exonéré"}
_RIGHTS: Final = {
    "CABINET": "Informations connues du cabinet",
    "ADR": "Réponse ADR",
}


@dataclass(frozen=True)
class Section:
    """A part of the summary: its title, and labels with values."""

    title: str
    lines: tuple[tuple[str, str], ...]


def nature_text(coverage: Coverage) -> str:
    """`10 Maladie`."""
    return f"{coverage.nature} {_NATURES.get(coverage.nature, '')}".rstrip()


def exoneration_text(coverage: Coverage) -> str:
    """`5 Assuré ou bénéficiaire exonéré`, or `Aucune`."""
    if not coverage.exoneration:
        return "Aucune"
    return f"{coverage.exoneration} {_EXONERATIONS.get(coverage.exoneration, '')}".rstrip()


def third_party_text(coverage: Coverage) -> str:
    """Which part is paid to the PS by whom."""
    match coverage.third_party_amo, coverage.third_party_amc:
        case True, True:
            return "Tiers payant sur parts obligatoire et complémentaire"
        case True, False:
            return "Tiers payant sur part obligatoire"
        case False, True:
            return "Tiers payant sur part complémentaire"
        case _:
            return "Sans tiers payant"


def rights_text(coverage: Coverage, mode: SecurityMode) -> str:
    """Where the rights come from."""
    if mode is SecurityMode.SECURED:
        return "Carte Vitale"
    return _RIGHTS.get(coverage.rights_source, coverage.rights_source or "Non précisée")


def french(day: date | None) -> str:
    """`05/03/2019`, or nothing."""
    return f"{day:%d/%m/%Y}" if day else ""


def summary(
    invoice: PreparedInvoice, mode: SecurityMode, kinds: tuple[DocumentKind, ...], supporting: tuple[str, ...]
) -> tuple[Section, ...]:
    """The sections of the screen; `supporting` are the supporting documents, one text each."""
    cover, totals, prescription = invoice.coverage, invoice.totals, invoice.prescription
    identification = invoice.identification
    head = [
        ("N°", f"{invoice.number} du {french(invoice.made_on)}"),
        ("Exécutée par", f"{invoice.ps.last_name} {invoice.ps.first_name}".rstrip()),
        ("Patient", f"{invoice.patient.last_name} {invoice.patient.first_name}".rstrip()),
        ("Catégorie", f"Facture Sesam-Vitale{', mode dégradé' if mode is SecurityMode.DEGRADED else ''}"),
        ("Documents", " + ".join(kind.name for kind in kinds)),
    ]
    if prescription:
        by = f"{prescription.last_name} {prescription.first_name}".rstrip()
        head.append(("Prescrit par", f"{by} le {french(prescription.prescribed_on)}"))
        if prescription.prior_agreement:
            agreed = f"{prescription.prior_agreement} du {french(prescription.prior_agreement_on)}"
            head.append(("Entente préalable", f"{agreed} {prescription.prior_agreement_reason}".rstrip()))
    if identification.rectified_number:
        rectified = f"{identification.rectified_number} du {french(identification.rectified_on)}"
        head.append(("Rectifie la facture", rectified))
    refunds = [
        ("Nature d'assurance", nature_text(cover)),
        ("Date évènement", french(cover.event_on)),
        ("N° A.T.", cover.accident_number),
        ("Exonération", exoneration_text(cover)),
        ("Cadre de remboursement", third_party_text(cover)),
        ("Caisse", f"{invoice.amo.recipient} à {cover.rate} %"),
        ("Origine des droits", rights_text(cover, mode)),
    ]
    if invoice.amc:
        refunds.append(("Complémentaire", invoice.amc.name or invoice.amc.identifier))
    return (
        Section("Facture", tuple(head)),
        Section("Remboursements", tuple(refunds)),
        Section("Parcours de soins", (("Parcours de soins", cover.care_path or "Sans objet"),)),
        Section(
            "Montants remboursables",
            (
                ("Total", euros(totals.total)),
                ("Caisse", euros(totals.fund)),
                ("Complémentaire", euros(totals.complementary)),
                ("Assuré", euros(totals.insured)),
                ("A payer", f"{euros(totals.to_pay)} (hors règlements perçus)"),
            ),
        ),
        Section(
            "Pièces justificatives",
            tuple((f"Pièce {number}", text) for number, text in enumerate(supporting, 1))
            or (("Pièces", "Aucune"),),
        ),
    )
