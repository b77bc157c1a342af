"""Taking an FSE from a reader: the checks before it goes into the ledger, and its removal from the reader
after.

A pull and the desk both do it in this way.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from tla_sim.host.client import ReaderClient
from tla_sim.protocol.documents.certificates import TrustAnchors
from tla_sim.protocol.documents.document import Document
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.verification import VerifiedFse, verify_fse
from tla_sim.protocol.errors import IncoherentAnswer


def verify_taken(
    given: Document, document: DocumentId, reader_serial: str, anchors: TrustAnchors
) -> VerifiedFse:
    """Verify a reader's FSE of a document: its signatures, its name, and that this reader had it signed.

    Raises `SignatureInvalid` and `CodecError` for an invalid FSE, `IncoherentAnswer` for one of another
    document or reader.
    """
    verified = verify_fse(given, anchors)
    if verified.id != document:
        raise other_document(document)
    for block in verified.fse.blocks:
        if block.context.reader_serial != reader_serial:
            raise IncoherentAnswer(
                "A document comes from reader {found}, not from {expected}",
                "See which reader is on the cable, then try again",
                found=block.context.reader_serial,
                expected=reader_serial,
            )
    return verified


def other_document(document: DocumentId) -> IncoherentAnswer:
    """Return the error for a reader that gave another document than the one asked for."""
    return IncoherentAnswer(
        "The reader gave another document for invoice {number} of {owner}",
        "Try again; nothing of this answer was acknowledged",
        number=document.number,
        owner=document.owner,
    )


def let_go(client: ReaderClient, fingerprints: Mapping[DocumentId, bytes]) -> None:
    """Acknowledge documents that are in the ledger, and check that the reader removed them.

    Raises `IncoherentAnswer` for one that it keeps.
    """
    if fingerprints:
        check_gone(client, fingerprints, client.acknowledge(fingerprints))


def check_gone(client: ReaderClient, documents: Collection[DocumentId], removed: int) -> None:
    """Check that the reader removed acknowledged documents; `removed` is how many it reports.

    The reader ignores names that it does not have, so a name altered on the line keeps its document there.
    Raises `IncoherentAnswer` for one that it keeps.
    """
    if removed == len(documents):
        return
    kept = frozenset(documents).intersection(each.id for each in client.list_documents())
    for document in sorted(kept):
        raise IncoherentAnswer(
            "The reader keeps invoice {number} of {owner}, which was acknowledged",
            "Pull again; it is in the ledger",
            number=document.number,
            owner=document.owner,
        )
