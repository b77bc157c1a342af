"""What may leave, and what keeps the rest: only documents with all their signatures, verified once more.

A document is in the outbox before the ledger says that it left, and its file is the same each time: running
it again after a cut finishes it, and nothing leaves twice.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from tla_sim.host.ledger.ledger import DocumentFilter, Ledger, LedgerDocument, LedgerState
from tla_sim.host.progress import OnProgress, Progress, unheard
from tla_sim.host.round.outbox import Outbox
from tla_sim.protocol.documents.certificates import TrustAnchors
from tla_sim.protocol.documents.document import Document
from tla_sim.protocol.documents.fse import Role, SecurityMode
from tla_sim.protocol.documents.verification import SignatureInvalid, VerifiedFse, verify_fse
from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.sentence import Sentence


@dataclass(frozen=True)
class Sent:
    """A document that left, and its file."""

    document: LedgerDocument
    file: Path


@dataclass(frozen=True)
class Withheld:
    """A document that may not leave: which signatures it lacks, whose cards give them, or what is wrong."""

    document: LedgerDocument
    lacks: tuple[Role, ...]
    cards: tuple[str, ...]
    problem: str = ""


@dataclass(frozen=True)
class Transmitted:
    """What a transmission came to."""

    sent: tuple[Sent, ...]
    withheld: tuple[Withheld, ...]
    bytes_written: int


def transmit(
    ledger: Ledger,
    outbox: Outbox | str | os.PathLike[str],
    anchors: TrustAnchors | None = None,
    on_progress: OnProgress = unheard,
) -> Transmitted:
    """Put what has all its signatures into an outbox, or a directory that is one; returns what left.

    `anchors` are the authorities to trust, the shipped ones if none are given. A document whose signatures do
    not verify is withheld and named. Raises errors of the ledger and of the outbox; what was put into the
    outbox before has been noted in the ledger then.

        >>> reader.insert_ps("PIQURE2969")
        >>> reader.insert_vitale("MARTIN")
        >>> card = client.verify_code(reader.code)
        >>> _ = tla_sim.certify(client, ledger, tla_sim.prepared_invoices(practice)[0])
        >>> [sent.file.name for sent in tla_sim.transmit(ledger, "outbox").sent]
        ['75629690-190305028-fse.fse']
    """
    anchors = anchors or TrustAnchors.shipped()
    outbox = Outbox.of(outbox)
    ready = ledger.transmissible()
    withheld = [_lacking(each) for each in ledger.documents(_INCOMPLETE)]
    total = sum(len(each.fse) for each in ready)
    sent: list[Sent] = []
    written = 0
    for first in range(0, len(ready), _AT_ONCE):
        leaving: list[Sent] = []
        for document in ready[first : first + _AT_ONCE]:
            try:
                verified = _verify(document.fse, anchors)
            except (SignatureInvalid, CodecError) as error:
                withheld.append(Withheld(document._replace(fse=b""), (), (), error.message))
                continue
            file = outbox.put(document.id, verified.content)
            leaving.append(Sent(document._replace(fse=b"", state=LedgerState.TRANSMITTED), file))
            written += len(verified.content)
        outbox.sync()
        ledger.record_transmitted([each.document.id for each in leaving], partial(_verify, anchors=anchors))
        sent += leaving
        on_progress(
            Progress(Sentence("transmit"), min(first + _AT_ONCE, len(ready)), len(ready), written, total)
        )
    return Transmitted(tuple(sent), tuple(withheld), written)


_AT_ONCE: Final = 64
_INCOMPLETE: Final = DocumentFilter(states=(LedgerState.PREPARED, LedgerState.LOADED, LedgerState.PARTIAL))


def _verify(content: bytes, anchors: TrustAnchors) -> VerifiedFse:
    return verify_fse(Document(content), anchors)


def _lacking(document: LedgerDocument) -> Withheld:
    owner = Sentence("CPS of {owner_name}", owner_name=document.owner_name)
    if document.state is LedgerState.PARTIAL or document.mode is SecurityMode.DEGRADED:
        return Withheld(document, (Role.TITULAIRE,), (owner,))
    return Withheld(
        document,
        (Role.VITALE, Role.TITULAIRE),
        (Sentence("Vitale of {patient}", patient=document.patient), owner),
    )
