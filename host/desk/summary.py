"""An invoice as the desk's screen summarises it, in the field's terms.

Sections, labels and their order are those of the editors' manuals, and so are French; what has values in it
is a sentence, so that its template can be looked up in another language. A code without a public meaning is
shown as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from tla_sim.host.desk.amount import Amount
from tla_sim.host.desk.choices import Option
from tla_sim.host.desk.codes import EXONERATIONS, NATURES, RIGHTS
from tla_sim.host.desk.pieces import Travel
from tla_sim.host.desk.standing import Standing
from tla_sim.host.ledger.desk_model import Rights
from tla_sim.host.ledger.model import LedgerState
from tla_sim.protocol.documents.act import BilledAct, act_text
from tla_sim.protocol.documents.fse import DocumentKind, SecurityMode
from tla_sim.protocol.documents.invoice import PreparedInvoice
from tla_sim.protocol.groups.invoice import CcamAct, Coverage, Prescription, Totals
from tla_sim.protocol.sentence import Sentence as French

OPTIONS: Final = {
    Option.BILL: "Facturer",
    Option.DEGRADED: "Facturer en dégradé",
    Option.TO_LOAD: "Préparer la facture pour chargement dans TLA",
    Option.ON_PAPER: "Imprimer la feuille de soins",
    Option.ADR: "Utilisation des informations issues d'ADR pour facturation",
}
"""What the screen calls its choices."""

_NO: Final = "non"
_NO_DAY: Final = "00/00/0000"


Line = tuple[str, str]
"""A label and its value."""


@dataclass(frozen=True)
class Section:
    """A part of the summary: its title, and rows of labels with values. The manuals' screen lacks one that is
    `added`."""

    title: str
    rows: tuple[tuple[Line, ...], ...]
    added: bool = False

    @property
    def lines(self) -> tuple[Line, ...]:
        """The labels with their values, one after the other."""
        return tuple(line for row in self.rows for line in row)


def nature_text(coverage: Coverage) -> str:
    """Return a nature of insurance with its name, such as `10 Maladie`."""
    meaning = NATURES.get(coverage.nature)
    return _with_meaning(coverage.nature, meaning)


def exoneration_text(coverage: Coverage) -> str:
    """Return an exoneration with its meaning, such as `5 Assuré ou bénéficiaire exonéré`, or `Aucune`."""
    if not coverage.exoneration:
        return "Aucune"
    return _with_meaning(coverage.exoneration, EXONERATIONS.get(coverage.exoneration))


def _with_meaning(code: str, meaning: str | None) -> str:
    return French("{code} {meaning}", code=code, meaning=French(meaning)) if meaning else code


def third_party_text(coverage: Coverage) -> str:
    """Return in words which parts are paid to the PS, and by whom."""
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
    """Return where the rights come from."""
    if mode is SecurityMode.SECURED:
        return "Carte Vitale"
    return RIGHTS.get(coverage.rights_source, coverage.rights_source or "Non précisée")


def format_day(day: date | None) -> str:
    """Return a date as `05/03/2019`, empty for none."""
    return f"{day:%d/%m/%Y}" if day else ""


def _name(state: LedgerState) -> str:
    return state.name


def summary(
    invoice: PreparedInvoice, stands: Standing, state_text: Callable[[LedgerState], str] = _name
) -> tuple[Section, ...]:
    """Return the screen's sections in its order, then those that are added to it.

    `state_text` gives the words for a state; its default is the name.
    """
    cover, degraded = invoice.coverage, stands.mode is SecurityMode.DEGRADED
    acts = _acts(invoice.acts)
    return (
        *_prescription(
            invoice.prescription, f"{invoice.patient.last_name} {invoice.patient.first_name}".rstrip()
        ),
        Section(
            French("Facture Complémentaire {acts}", acts=French(" ".join(label for label, _ in acts))),
            (
                (
                    ("N°", invoice.number),
                    ("Du", format_day(invoice.made_on)),
                    (
                        "Catégorie",
                        "Facture Sesam-Vitale, mode dégradé" if degraded else "Facture Sesam-Vitale",
                    ),
                ),
            ),
        ),
        Section("Remboursements", _refunds(invoice)),
        Section("Parcours de soins", _care_path(cover)),
        Section("Montants Remboursables", _amounts(invoice.totals)),
        # Which of them justified the rights is in no group of an invoice.
        Section(
            "Pièce justificative",
            (
                (("Attestation de la caisse", _NO),),
                (("Impression du bon d'examen", _NO),),
                (("A.M.E. de base", _NO),),
            ),
        ),
        *_dre(invoice, stands, state_text),
        Section(
            "Options",
            (
                ((OPTIONS[Option.DEGRADED], _yes(degraded)),),
                ((OPTIONS[Option.TO_LOAD], _yes(stands.mark.to_load)),),
                ((OPTIONS[Option.ON_PAPER], _yes(stands.sheet is Travel.PAPER)),),
                ((OPTIONS[Option.ADR], _yes(degraded and cover.rights_source == Rights.ADR)),),
            ),
        ),
        Section("Actes", tuple((line,) for line in acts), added=True),
        Section("Droits", _rights(invoice, stands.mode), added=True),
        Section("Documents et pièces", _documents(invoice, stands), added=True),
    )


def _prescription(prescription: Prescription | None, patient: str) -> tuple[Section, ...]:
    agreement: str = French("du {day}", day=_NO_DAY)
    reason, by = "", ""
    if prescription is not None:
        name = f"{prescription.last_name} {prescription.first_name}".rstrip()
        by = French("{by} le {day}", by=name, day=format_day(prescription.prescribed_on))
        if prescription.prior_agreement:
            agreement = _dated(prescription.prior_agreement, prescription.prior_agreement_on)
            reason = prescription.prior_agreement_reason
    prescribed = ((("Prescrit par", by),),) if by else ()
    return (
        Section("Prescription", ((("Patient", patient),), *prescribed)),
        Section("Entente préalable", ((("Code", agreement),), (("Motif", reason),))),
    )


def _dated(what: str, day: date | None) -> str:
    return French("{what} du {day}", what=what, day=format_day(day))


def _acts(acts: Sequence[BilledAct]) -> tuple[Line, ...]:
    """Return the acts by nomenclature: the code, how often, and the sum."""
    lines = []
    for label, ccam in (("Actes NGAP", False), ("Actes CCAM", True)):
        those = [each for each in acts if isinstance(each, CcamAct) is ccam]
        if those:
            counts = Counter[str]()
            for each in those:
                counts[act_text(each)] += each.quantity
            named = ", ".join(f"{count} x {text}" for text, count in counts.items())
            amount = Amount(sum(each.amount for each in those))
            lines.append((label, French("{acts} : {amount}", acts=named, amount=amount)))
    return tuple(lines)


def _refunds(invoice: PreparedInvoice) -> tuple[tuple[Line, ...], ...]:
    cover = invoice.coverage
    return (
        (("Nature d'assurance", nature_text(cover)),),
        (("Date évènement", format_day(cover.event_on)), ("N° A.T.", cover.accident_number)),
        (("Exonération", exoneration_text(cover)),),
        (("Cadre de remboursement", third_party_text(cover)),),
        (("Caisse", invoice.amo.recipient), ("%", str(cover.rate))),
    )


def _care_path(cover: Coverage) -> tuple[tuple[Line, ...], ...]:
    if cover.care_path:
        return ((("La facture est élaborée", cover.care_path),),)
    return (
        (("Déclaration du médecin traitant", "Sans objet"),),
        (("La facture est élaborée", "Sans objet (facture non concernée par le parcours de soins)"),),
    )


def _amounts(totals: Totals) -> tuple[tuple[Line, ...], ...]:
    return (
        (("Total", Amount(totals.total)),),
        (("Caisse", Amount(totals.fund)),),
        (("Complémentaire", Amount(totals.complementary)),),
        (("Assuré", Amount(totals.insured)),),
        (("A payer", French("{amount} (hors règlements perçus)", amount=Amount(totals.to_pay))),),
    )


def _rights(invoice: PreparedInvoice, mode: SecurityMode) -> tuple[tuple[Line, ...], ...]:
    source = (("Origine des droits", rights_text(invoice.coverage, mode)),)
    if invoice.amc is None:
        return (source,)
    return (source, (("Complémentaire", invoice.amc.name or invoice.amc.identifier),))


def _documents(invoice: PreparedInvoice, stands: Standing) -> tuple[tuple[Line, ...], ...]:
    rows: list[tuple[Line, ...]] = [(("Documents", " + ".join(kind.name for kind, _ in stands.documents)),)]
    identification = invoice.identification
    if identification.rectified_number:
        rectified = _dated(identification.rectified_number, identification.rectified_on)
        rows.append((("Rectifie la facture", rectified),))
    rows += [
        ((French("Pièce {number}", number=number), text),) for number, text in enumerate(stands.supporting, 1)
    ] or [(("Pièces", "Aucune"),)]
    return tuple(rows)


def _dre(
    invoice: PreparedInvoice, stands: Standing, state_text: Callable[[LedgerState], str]
) -> tuple[Section, ...]:
    for kind, state in stands.documents:
        if kind is DocumentKind.DRE:
            row = (
                ("N° DRE", invoice.number),
                ("Date", format_day(invoice.made_on)),
                ("Etat", state_text(state) if state is not None else ""),
                ("Type", "dégradée" if stands.mode is SecurityMode.DEGRADED else "sécurisée"),
            )
            return (Section("DRE", (row,)),)
    return ()


def _yes(whether: bool) -> str:
    return "oui" if whether else _NO
