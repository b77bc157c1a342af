"""What names a document: on the wire, in the reader's store, in the ledger."""

from __future__ import annotations

from typing import NamedTuple

from tla_sim.protocol.documents.fse import DocumentKind


class DocumentId(NamedTuple):
    """Owner's billing number, invoice number, and which document of that invoice.

    >>> _ = tla_sim.push(client, ledger, practice, ["75629690"])
    >>> document = min(line.id for line in ledger.documents())
    >>> document.owner, document.number, document.kind.name
    ('75629690', '190220006', 'FSE')
    """

    owner: str
    number: str
    kind: DocumentKind
