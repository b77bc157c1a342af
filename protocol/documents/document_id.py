"""The name of a document, the same on the wire, in the reader's store and in the ledger."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from tla_sim.protocol.documents.kinds import DocumentKind
from tla_sim.protocol.sentence import Sentence
from tla_sim.protocol.wire.record import choice, string


class DocumentId(NamedTuple):
    """Owner's billing number, invoice number, and which document of that invoice.

    >>> _ = tla_sim.push(client, ledger, practice, ["75629690"])
    >>> document = min(line.id for line in ledger.documents())
    >>> document.owner, document.number, document.kind.name
    ('75629690', '190220006', 'FSE')
    """

    owner: Annotated[str, string("billing number")]
    number: Annotated[str, string("invoice number")]
    kind: Annotated[DocumentKind, choice(DocumentKind, "FSE or DRE")]

    @property
    def name(self) -> str:
        """The document's name as users read it."""
        return Sentence(
            "Invoice {number} ({kind}) of owner {owner}",
            number=self.number,
            kind=self.kind.name,
            owner=self.owner,
        )
