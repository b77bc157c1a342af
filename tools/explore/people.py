"""The people of the explored round, three owners and two patients, and its twelve invoices."""

from __future__ import annotations

from functools import cache
from typing import Final

from tla_sim.host.documents import OutgoingDocument
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import DocumentKind
from tla_sim.reader_fw.cards.image import CardImage
from tla_sim.tools.cast.images import ps_image, vitale_image
from tla_sim.tools.cast.invoices import make_alternating_documents
from tla_sim.tools.cast.people import PATIENTS, PAUL, PRACTITIONERS, Person

OWNERS: Final = PRACTITIONERS
"""The first of them makes the visits."""

INVOICES: Final = 12
CANCELLED: Final[DocumentId] = DocumentId(PAUL.number, "190305002", DocumentKind.FSE)
"""The invoice that is cancelled on a visit."""


@cache
def cards() -> dict[str, CardImage]:
    """Return every card by its holder's name, freshly issued, the same each time."""
    return {
        **{owner.name: ps_image(owner) for owner in OWNERS},
        **{patient.name: vitale_image(patient) for patient in PATIENTS},
    }


@cache
def documents() -> tuple[OutgoingDocument, ...]:
    """Return the invoices; owners and patients alternate."""
    return make_alternating_documents(INVOICES, OWNERS, PATIENTS)


def documents_of(owner: Person) -> list[OutgoingDocument]:
    """Return one owner's invoices."""
    return [each for each in documents() if each.invoice.owner == owner.number]
