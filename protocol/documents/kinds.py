"""What kinds there are of documents, of securing them, and of signatures."""

from __future__ import annotations

from enum import IntEnum


class DocumentKind(IntEnum):
    """To whom the document claims: the compulsory insurer (FSE) or the complementary one (DRE)."""

    FSE = 1
    DRE = 2


class SecurityMode(IntEnum):
    """How it is secured: with a Vitale card, or degraded (no Vitale, the PS alone)."""

    SECURED = 1
    DEGRADED = 2


class Role(IntEnum):
    """As what a card signed. LOT is a signature over a lot and stands in no FSE."""

    VITALE = 1
    PARTIAL = 2
    TITULAIRE = 3
    LOT = 4
