"""The kinds of documents, the modes of securing them, and the roles of signers."""

from __future__ import annotations

from enum import IntEnum


class DocumentKind(IntEnum):
    """Which insurer the document addresses: the compulsory one (FSE) or the complementary one (DRE)."""

    FSE = 1
    DRE = 2


class SecurityMode(IntEnum):
    """How a document is secured: with a Vitale card, or degraded (the PS alone)."""

    SECURED = 1
    DEGRADED = 2


class Role(IntEnum):
    """The role in which a card signed. LOT signs a lot and never stands in an FSE."""

    VITALE = 1
    PARTIAL = 2
    TITULAIRE = 3
    LOT = 4
