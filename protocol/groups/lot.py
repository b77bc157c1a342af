"""SSV groups of a lot: its header, its documents and their pieces. Project-defined."""

from __future__ import annotations

from tla_sim.protocol.groups.declaration import Group, Source, cents, digits, group, number, text

whole = number  # in classes that have a field `number`, which hides the function


@group(9210, "lot", Source.PROJECT)
class LotHeader(Group):
    """The part of a lot that is signed: owner, recipient, kind, count, total and the digest of its list."""

    number: int = whole("numéro de lot", required=True)
    owner: str = digits("numéro de facturation du titulaire", 9, required=True)
    owner_name: str = text("nom du titulaire", 121)
    recipient: str = text("destinataire", 60)
    kind: int = whole("nature : 1 FSE, 2 DRE", required=True)
    mode: int = whole("mode : 1 sécurisé, 2 dégradé", required=True)
    count: int = whole("nombre de documents")
    total: int = cents("montant total")
    list_digest: str = text("SHA-256 de la liste", 64, varies=True)


@group(9220, "document d'un lot", Source.PROJECT)
class LotDocument(Group):
    """One document of a lot: its invoice number, its amount, the SHA-256 of its bytes."""

    number: str = digits("numéro de facture", 9, required=True)
    total: int = cents("montant")
    digest: str = text("SHA-256 du document", 64, required=True, varies=True)


@group(9230, "pièce jointe d'un lot", Source.PROJECT)
class LotPiece(Group):
    """A piece attached to a document: its role (1 prescription, 2 care sheet, 3 other), its SHA-256."""

    number: str = digits("numéro de facture", 9, required=True)
    role: int = whole("rôle de la pièce", required=True)
    digest: str = text("SHA-256 de la pièce", 64, required=True)
