"""SSV groups of the C functions for a portable reader: documents held, lots, files, answers.

Project-defined, since the groups of the functions for a portable reader are not public.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from tla_sim.protocol.groups.declaration import (
    Group,
    Source,
    binary,
    cents,
    digits,
    flag,
    group,
    moment,
    number,
    text,
)

whole = number  # in classes that have a field `number`, which hides the function

MAX_CONTENT: Final = 60_000
"""The most bytes of a document or of a part of a file, so that a group stays below 65,536 bytes."""


@group(9310, "document", Source.PROJECT)
class HeldDocument(Group):
    """An FSE or DRE that the reader or the practice holds.

    Kind: 1 FSE, 2 DRE. State: LOADED, PARTIAL, COMPLETE, FINAL or CANCELLED. Mode: 1 secured, 2 degraded. The
    content is the signed document, empty while there is none; the digest is that of the content.
    """

    owner: str = digits("numéro de facturation du titulaire", 9, required=True)
    number: str = digits("numéro de facture", 9, required=True)
    kind: int = whole("nature : 1 FSE, 2 DRE", required=True)
    state: str = text("état", 20)
    mode: int = whole("mode : 1 sécurisé, 2 dégradé")
    content: bytes = binary("octets du document", MAX_CONTENT)
    digest: str = text("SHA-256 du document", 64)


@group(9311, "compte rendu de chargement", Source.PROJECT)
class LoadReport(Group):
    """What became of one document of a load. Result: loaded, already or finished."""

    owner: str = digits("numéro de facturation du titulaire", 9, required=True)
    number: str = digits("numéro de facture", 9, required=True)
    kind: int = whole("nature : 1 FSE, 2 DRE", required=True)
    result: str = text("résultat", 20, required=True)


@group(9312, "identité du TLA", Source.PROJECT)
class TlaIdentity(Group):
    """The portable reader and what it can do, with its limits."""

    manufacturer: str = text("constructeur", 40, required=True)
    reader_type: str = text("type de lecteur", 40)
    serial_number: str = text("numéro de série", 20, required=True)
    operating_system: str = text("système d'exploitation", 40)
    software_version: str = text("version du logiciel", 20)
    cdc_version: str = text("version du cahier des charges suivie", 20)
    follows_asked: bool = flag("suit la version demandée")
    max_owners: int = whole("nombre maximal de titulaires")
    max_invoices: int = whole("nombre maximal de factures")
    several_owners: bool = flag("plusieurs titulaires")
    two_steps: bool = flag("certification en deux étapes")


@group(9313, "signature", Source.PROJECT)
class DocumentSignature(Group):
    """One signature of the preceding document, and whether it is valid."""

    role: str = text("rôle", 20, required=True)
    signer: str = text("signataire", 121)
    signed_at: datetime | None = moment("date et heure de la signature")
    card_serial: str = text("numéro de série de la carte", 40)
    reader_serial: str = text("numéro de série du lecteur", 20)
    valid: bool = flag("valide")


@group(9320, "lot constitué", Source.PROJECT)
class HeldLot(Group):
    """A signed lot that the practice holds; the content refers to the file that it is in."""

    number: int = whole("numéro de lot", required=True)
    owner: str = digits("numéro de facturation du titulaire", 9, required=True)
    recipient: str = text("destinataire", 60)
    kind: int = whole("nature : 1 FSE, 2 DRE", required=True)
    mode: int = whole("mode : 1 sécurisé, 2 dégradé", required=True)
    count: int = whole("nombre de documents")
    total: int = cents("montant total")
    content: bytes = binary("référence du fichier", MAX_CONTENT)


@group(9321, "fichier", Source.PROJECT)
class LotFileHeader(Group):
    """A file of lots for one recipient; its bytes follow in parts."""

    identity: str = text("identité du fichier", 64, required=True)
    recipient: str = text("destinataire", 60)
    lots: int = whole("nombre de lots")
    documents: int = whole("nombre de documents")
    total: int = cents("montant total")
    digest: str = text("SHA-256 du fichier", 64)


@group(9322, "partie d'un fichier", Source.PROJECT)
class FilePart(Group):
    """Part of the preceding file. Put together in the order of their positions, from 1, they are the file."""

    position: int = number("position, à partir de 1", required=True)
    content: bytes = binary("octets", MAX_CONTENT)


@group(9330, "ARL", Source.PROJECT)
class FileAnswer(Group):
    """The recipient's answer to a file: accepted or not, and why not."""

    identity: str = text("identité du fichier", 64, required=True)
    accepted: bool = flag("accepté")
    code: str = text("code", 200)
    reason: str = text("motif", 200)


@group(9331, "document rejeté", Source.PROJECT)
class RejectedDocument(Group):
    """One document that the preceding answer rejects, and why."""

    owner: str = digits("numéro de facturation du titulaire", 9, required=True)
    number: str = digits("numéro de facture", 9, required=True)
    kind: int = whole("nature : 1 FSE, 2 DRE", required=True)
    code: str = text("code", 200)
    reason: str = text("motif", 200)
