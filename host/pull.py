"""Pull: certified documents out of the reader, into the ledger first, and only then acknowledged.

So a document is in the reader, in the ledger, or in both, at every moment; running it again finishes
whatever was cut.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from host.client import ReaderClient
from host.documents import DocumentId
from host.ledger import Ledger
from host.progress import Progress
from protocol.certificates import TrustAnchors
from protocol.commands import AcknowledgedDocument, DocumentName, ListedDocument, UnloadedDocument
from protocol.errors import CodecError, IncoherentAnswer, StatusError, TlaError
from protocol.fse import DocumentKind, Fse
from protocol.invoice import digest
from protocol.invoice_state import InvoiceState
from protocol.status import Status
from protocol.verification import SignatureInvalid, VerifiedFse, verify_fse

_ASKED_AT_ONCE = 64


@dataclass(frozen=True)
class LeftBehind:
    """A document that stayed on the reader, and why."""

    document: DocumentId
    reason: str
    action: str


@dataclass(frozen=True)
class Pulled:
    """What a pull came to."""

    partial: int
    complete: int
    cancelled: int
    waiting: int
    left: tuple[LeftBehind, ...]
    bytes_received: int


def pull(client: ReaderClient, ledger: Ledger, anchors: TrustAnchors) -> Iterator[Progress | Pulled]:
    """Pull everything the authenticated card may have; yields Progress and last a Pulled.

    A document whose signatures do not verify, or that is not the card's to take, stays on the reader and
    is named. Raises StatusError, LinkError, IncoherentAnswer, and errors of the ledger; nothing that was
    not safely in the ledger has left the reader then.
    """
    serial = client.identify().serial_number
    listed = client.list_documents()
    certified = [each for each in listed if each.state in (InvoiceState.PARTIAL, InvoiceState.COMPLETE)]
    cancelled = [each for each in listed if each.state == InvoiceState.CANCELLED]
    waiting = sum(each.state == InvoiceState.LOADED for each in listed)
    total = sum(each.size for each in certified)
    left: list[LeftBehind] = []
    counts = {InvoiceState.PARTIAL: 0, InvoiceState.COMPLETE: 0}
    received = done = 0
    position = 0
    while position < len(certified):
        asked = certified[position : position + _ASKED_AT_ONCE]
        answers = client.unload([DocumentName(each.owner, each.number, each.kind) for each in asked])
        safe: list[VerifiedFse] = []
        acknowledged: list[AcknowledgedDocument] = []
        for entry, answer in zip(asked, answers, strict=False):
            received += len(answer.content)
            result = _accepted(entry, answer, anchors)
            if isinstance(result, LeftBehind):
                left.append(result)
                continue
            safe.append(result)
            counts[result.state] += 1
            acknowledged.append(AcknowledgedDocument(entry.owner, entry.number, entry.kind, entry.digest))
        ledger.record_pulled(safe, serial)
        if client.identify().serial_number == serial and acknowledged:
            client.acknowledge(acknowledged)
        position += len(answers)
        done = position
        yield Progress("pull", done, len(certified), received, total)
    _take_cancelled(client, ledger, cancelled, serial)
    yield Pulled(
        counts[InvoiceState.PARTIAL],
        counts[InvoiceState.COMPLETE],
        len(cancelled),
        waiting,
        tuple(left),
        received,
    )


def _accepted(
    entry: ListedDocument, answer: UnloadedDocument, anchors: TrustAnchors
) -> VerifiedFse | LeftBehind:
    document = (entry.owner, entry.number, int(entry.kind))
    if answer.status != Status.OK:
        refusal = StatusError(answer.status)
        return LeftBehind(document, refusal.message, refusal.action)
    if digest(answer.content) != entry.digest:
        raise IncoherentAnswer(
            f"Invoice {entry.number} of {entry.owner} came with content other than the reader listed",
            "Pull again; nothing was acknowledged",
        )
    try:
        verified = verify_fse(Fse.parse(answer.content), anchors)
    except (SignatureInvalid, CodecError) as error:
        return LeftBehind(document, error.message, error.action)
    given = (verified.owner, verified.number, int(verified.fse.kind))
    if given != document:
        raise IncoherentAnswer(
            f"The reader gave invoice {given[1]} of {given[0]} for {entry.number} of {entry.owner}",
            "Pull again; nothing was acknowledged",
        )
    return verified


def _take_cancelled(
    client: ReaderClient, ledger: Ledger, cancelled: Sequence[ListedDocument], serial: str
) -> None:
    if not cancelled:
        return
    ledger.record_cancelled([(each.owner, each.number, int(each.kind)) for each in cancelled], serial)
    client.acknowledge(
        [AcknowledgedDocument(each.owner, each.number, each.kind, each.digest) for each in cancelled]
    )


__all__ = ["DocumentKind", "LeftBehind", "Pulled", "TlaError", "pull"]
