"""The codes of an invoice and of its parties that have a public meaning, in the field's terms.

Sources: the editors' manuals for what their screens show; the public descriptions of invoicing for the other
natures of insurance and exemptions; the published values of the cards; for acts the CCAM, articles I-6 to
I-12 and III-3.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tla_sim.host.ledger.desk_model import Rights
from tla_sim.host.practice.date_order import MATERNITY
from tla_sim.protocol.groups.ps_card import PracticeMode
from tla_sim.protocol.groups.vitale import Quality

Meanings = Mapping[str, str]
"""French meanings by code."""

NATURES: Final[Meanings] = {"10": "Maladie", MATERNITY: "Maternité", "41": "Accident du travail"}

EXONERATIONS: Final[Meanings] = {
    "3": "Soins particuliers exonérés",
    "4": "Soins conformes au protocole ALD",
    "5": "Assuré ou bénéficiaire exonéré",
    "7": "Dispositif de prévention",
}

RIGHTS: Final[Meanings] = {
    Rights.PRACTICE: "Informations connues du cabinet",
    Rights.ADR: "Réponse ADR",
}

QUALITIES: Final[Meanings] = {
    Quality.INSURED: "Assuré",
    Quality.ASCENDANT: "Ascendant",
    Quality.SPOUSE: "Conjoint",
    Quality.DIVORCED: "Conjoint divorcé",
    Quality.PARTNER: "Concubin",
    Quality.SEPARATED: "Conjoint séparé",
    Quality.CHILD: "Enfant",
    Quality.WIDOWED: "Conjoint veuf",
    Quality.OTHER: "Autre ayant droit",
}

PRACTICE_MODES: Final[Meanings] = {
    PracticeMode.LIBERAL: "Libéral",
    PracticeMode.SALARIED: "Salarié",
    PracticeMode.REPLACEMENT: "Remplaçant",
    PracticeMode.UNPAID: "Bénévole",
}

ACTIVITIES: Final[Meanings] = {
    "1": "Première activité",
    "2": "Deuxième activité",
    "3": "Troisième activité",
    "4": "Anesthésie",
    "5": "Circulation extracorporelle",
}

PHASES: Final[Meanings] = {
    "0": "Une seule phase",
    "1": "Première phase",
    "2": "Deuxième phase",
    "3": "Troisième phase",
}

ASSOCIATIONS: Final[Meanings] = {
    "1": "Acte à taux plein",
    "2": "Deuxième acte à 50 %",
    "3": "Deuxième acte à 75 %",
    "4": "Acte associé à taux plein",
    "5": "Actes à des moments différents du jour",
}
