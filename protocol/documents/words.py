"""The French words for states, modes and roles. In English they go by their names.

Programs get the names in either language. The reader's screens have their own words, short enough for 20
columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final

_STATES: Final = {
    "LOADED": "CHARGÉE",
    "PARTIAL": "PARTIELLE",
    "COMPLETE": "CERTIFIÉE",
    "FINAL": "SIGNÉE",
    "CANCELLED": "ANNULÉE",
}

FRENCH: Final[Mapping[str, Mapping[str, str]]] = {
    "InvoiceState": _STATES,
    "LedgerState": {"PREPARED": "PRÉPARÉE", **_STATES, "TRANSMITTED": "TRANSMISE"},
    "FileState": {
        "TO_SEND": "À ENVOYER",
        "SENDING": "ENVOI INCERTAIN",
        "SENT": "ENVOYÉ",
        "ACKNOWLEDGED": "ACQUITTÉ",
        "REJECTED": "REJETÉ",
    },
    "SecurityMode": {"SECURED": "SÉCURISÉE", "DEGRADED": "DÉGRADÉE"},
    "Role": {"VITALE": "VITALE", "PARTIAL": "PARTIELLE", "TITULAIRE": "TITULAIRE", "LOT": "LOT"},
    "PieceRole": {"PRESCRIPTION": "ORDONNANCE", "CARE_SHEET": "FEUILLE DE SOINS", "OTHER": "AUTRE"},
}
"""The words by the name of the class and that of its member: invoices are feminine, files masculine."""


def french_word(member: Enum) -> str:
    """Return the French word for a state, mode or role; its name where the two are the same."""
    return FRENCH.get(type(member).__name__, {}).get(member.name, member.name)
