"""The English of an invoice's summary and of its codes, whose own words are the French ones of the field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tla_sim.host.desk.amount import Amount
from tla_sim.protocol.sentence import Sentence, fill
from tla_sim.tools.language import Language

ENGLISH: Final[Mapping[str, str]] = {
    "Prescription": "Prescription",
    "Patient": "Patient",
    "Prescrit par": "Prescribed by",
    "{by} le {day}": "{by} on {day}",
    "Entente préalable": "Prior agreement",
    "Code": "Code",
    "Motif": "Reason",
    "{what} du {day}": "{what} of {day}",
    "du {day}": "of {day}",
    "Facture Complémentaire {acts}": "Invoice, complementary part, {acts}",
    "Actes NGAP Actes CCAM": "NGAP acts, CCAM acts",
    "N°": "No.",
    "Du": "Dated",
    "Catégorie": "Category",
    "Facture Sesam-Vitale": "SESAM-Vitale invoice",
    "Facture Sesam-Vitale, mode dégradé": "SESAM-Vitale invoice, degraded",
    "Documents": "Documents",
    "Rectifie la facture": "Rectifies invoice",
    "Actes": "Acts",
    "Actes NGAP": "NGAP acts",
    "Actes CCAM": "CCAM acts",
    "Remboursements": "Reimbursement",
    "Nature d'assurance": "Nature of insurance",
    "{code} {meaning}": "{code} {meaning}",
    "Maladie": "Illness",
    "Maternité": "Maternity",
    "Accident du travail": "Work accident",
    "Date évènement": "Date of the event",
    "N° A.T.": "Work accident no.",
    "Exonération": "Exemption",
    "Soins particuliers exonérés": "Particular care, exempt",
    "Soins conformes au protocole ALD": "Care within the ALD protocol",
    "Dispositif de prévention": "Prevention scheme",
    "Assuré ou bénéficiaire exonéré": "Insured person or beneficiary exempt",
    "Aucune": "None",
    "Cadre de remboursement": "Paid by",
    "Tiers payant sur parts obligatoire et complémentaire": "Third party, compulsory and complementary parts",
    "Tiers payant sur part obligatoire": "Third party, compulsory part",
    "Tiers payant sur part complémentaire": "Third party, complementary part",
    "Sans tiers payant": "The patient",
    "Caisse": "Fund",
    "%": "%",
    "{acts} : {amount}": "{acts}: {amount}",
    "Droits": "Rights",
    "Origine des droits": "Source of the rights",
    "Carte Vitale": "Vitale card",
    "Informations connues du cabinet": "What the practice knows",
    "Réponse ADR": "ADR answer",
    "Non précisée": "Not stated",
    "Complémentaire": "Complementary insurer",
    "Parcours de soins": "Care path",
    "La facture est élaborée": "The invoice is made",
    "Déclaration du médecin traitant": "Declared attending doctor",
    "Sans objet": "Not applicable",
    "Sans objet (facture non concernée par le parcours de soins)": "Not applicable (the invoice is outside"
    " the care path)",
    "Montants Remboursables": "Reimbursable amounts",
    "Total": "Total",
    "Assuré": "Insured person",
    "A payer": "To pay",
    "{amount} (hors règlements perçus)": "{amount} (payments received not deducted)",
    "Pièce justificative": "Supporting document",
    "Attestation de la caisse": "Certificate of the fund",
    "Impression du bon d'examen": "Examination voucher printed",
    "A.M.E. de base": "Basic A.M.E.",
    "Documents et pièces": "Documents",
    "Pièce {number}": "Document {number}",
    "Pièces": "Documents",
    "{role} : {name}, {pages} p. (SCOR)": "{role}: {name}, {pages} p. (SCOR)",
    "Ordonnance": "Prescription",
    "Feuille de soins": "Care sheet",
    "Document": "Document",
    "Ordonnance : sur papier": "Prescription: on paper",
    "Feuille de soins : sur papier": "Care sheet: on paper",
    "Feuille de soins : numérique, faite à la mise en lot": "Care sheet: digital, made with the lot",
    "DRE": "DRE",
    "N° DRE": "DRE no.",
    "Date": "Date",
    "Etat": "State",
    "Type": "Type",
    "dégradée": "degraded",
    "sécurisée": "secured",
    "Options": "Options",
    "Facturer": "Bill it",
    "Facturer en dégradé": "Bill it degraded",
    "Préparer la facture pour chargement dans TLA": "Prepare it for loading into the TLA",
    "Imprimer la feuille de soins": "Print the care sheet",
    "Utilisation des informations issues d'ADR pour facturation": "Bill with the rights of an ADR answer",
    "Ascendant": "Ascendant",
    "Conjoint": "Spouse",
    "Conjoint divorcé": "Divorced spouse",
    "Concubin": "Partner",
    "Conjoint séparé": "Separated spouse",
    "Enfant": "Child",
    "Conjoint veuf": "Widowed spouse",
    "Autre ayant droit": "Other beneficiary",
    "Libéral": "Self-employed",
    "Salarié": "Employed",
    "Remplaçant": "Replacement",
    "Bénévole": "Unpaid",
    "Première activité": "First activity",
    "Deuxième activité": "Second activity",
    "Troisième activité": "Third activity",
    "Anesthésie": "Anaesthesia",
    "Circulation extracorporelle": "Extracorporeal circulation",
    "Une seule phase": "Single phase",
    "Première phase": "First phase",
    "Deuxième phase": "Second phase",
    "Troisième phase": "Third phase",
    "Acte à taux plein": "Act at its full rate",
    "Deuxième acte à 50 %": "Second act at 50 %",
    "Deuxième acte à 75 %": "Second act at 75 %",
    "Acte associé à taux plein": "Associated act at its full rate",
    "Actes à des moments différents du jour": "Acts at different times of the day",
    "oui": "yes",
    "non": "no",
}
"""By the French text or template."""


def say_summary(french: str, language: Language) -> str:
    """Return a text of the summary in a language; names and codes stay as they are."""
    if language is Language.FR:
        return str.__str__(french)
    if isinstance(french, Amount):
        return f"{'-' if french.cents < 0 else ''}€{abs(french.cents) / 100:,.2f}"
    if not isinstance(french, Sentence):
        return ENGLISH.get(french, french)
    values = {
        name: say_summary(each, language) if isinstance(each, Sentence | Amount) else each
        for name, each in french.values.items()
    }
    return str.__str__(fill(ENGLISH[french.template], values))
