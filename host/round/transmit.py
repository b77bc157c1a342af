"""Transmitting documents with all their signatures, verified once more, and listing what keeps the others.

The ledger decides which documents a run may send, and records them when they are in the outbox. A file is the
same each time: running it again after a cut finishes it. When two programs run at once, into one outbox or
two, each document leaves from one of them: the other waits for the ledger, and is not given what left.
"""

from __future__ import annotations

import os
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tla_sim.host.ledger.ledger import DocumentFilter, Ledger, LedgerDocument, LedgerState
from tla_sim.host.ledger.model import TO_SECURE
from tla_sim.host.progress import OnProgress, Progress, ignore_progress
from tla_sim.host.round.leaving import verify_leaving
from tla_sim.host.round.outbox import Outbox
from tla_sim.protocol.documents.certificates import TrustAnchors
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import Role, SecurityMode
from tla_sim.protocol.documents.verification import SignatureInvalid, VerifiedFse
from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.sentence import Sentence


@dataclass(frozen=True)
class Sent:
    """A document that left, and its file."""

    document: LedgerDocument
    file: Path


@dataclass(frozen=True)
class Withheld:
    """A document that may not leave: the signatures that it lacks and whose cards give them, or what is
    wrong."""

    document: LedgerDocument
    lacks: tuple[Role, ...]
    cards: tuple[str, ...]
    problem: str = ""


@dataclass(frozen=True)
class Transmitted:
    """The result of a transmission."""

    sent: tuple[Sent, ...]
    withheld: tuple[Withheld, ...]
    bytes_written: int


def transmit(
    ledger: Ledger,
    outbox: Outbox | str | os.PathLike[str],
    anchors: TrustAnchors | None = None,
    on_progress: OnProgress = ignore_progress,
) -> Transmitted:
    """Write the documents with all their signatures into an outbox, or a directory as one; return the result.

    `anchors` are the authorities to trust, by default the shipped ones. A document whose signatures do not
    verify is withheld and listed; one that another program is sending is left to that program. Raises errors
    of the ledger and of the outbox; what is in the outbox by then has been recorded in the ledger.

        >>> reader.insert_ps("PIQURE2969")
        >>> reader.insert_vitale("MARTIN")
        >>> card = client.verify_code(reader.code)
        >>> _ = tla_sim.certify(client, ledger, tla_sim.prepared_invoices(practice)[0])
        >>> [sent.file.name for sent in tla_sim.transmit(ledger, "outbox").sent]
        ['75629690-190305028-fse.fse']
    """
    anchors = anchors or TrustAnchors.shipped()
    outbox = Outbox.of(outbox)
    # A queue, so that each is freed once it left: a parsed FSE takes several times its bytes.
    ready = deque(ledger.transmissible())
    withheld = [_withhold(each) for each in ledger.documents(_INCOMPLETE)]
    count, total = len(ready), sum(len(each.document.content) for each in ready)
    sent: list[Sent] = []
    written = 0
    while ready:
        batch: dict[DocumentId, LedgerDocument] = {}
        verified: dict[DocumentId, VerifiedFse] = {}
        for _ in range(min(_AT_ONCE, len(ready))):
            held = ready.popleft()
            try:
                fse = verify_leaving(held, anchors)
            except (SignatureInvalid, CodecError) as error:
                withheld.append(Withheld(held.line, (), (), error.message))
            else:
                batch[fse.id], verified[fse.id] = held.line, fse
        with ledger.leaving(verified.values()) as mine:
            files = {each: outbox.put(each, verified[each].content) for each in mine}
            # On the disk before the ledger's transaction ends: what is recorded as sent must exist.
            outbox.sync()
        for document, file in files.items():
            sent.append(Sent(batch[document]._replace(state=LedgerState.TRANSMITTED), file))
            written += len(verified[document].content)
        on_progress(Progress(Sentence("transmit"), count - len(ready), count, written, total))
    return Transmitted(tuple(sent), tuple(withheld), written)


_AT_ONCE: Final = 32
"""Few enough that another program, which waits for the ledger meanwhile, does not give up."""

_INCOMPLETE: Final = DocumentFilter(states=TO_SECURE)


def _withhold(document: LedgerDocument) -> Withheld:
    owner = Sentence("CPS of {owner_name}", owner_name=document.owner_name)
    if document.state is LedgerState.PARTIAL or document.mode is SecurityMode.DEGRADED:
        return Withheld(document, (Role.TITULAIRE,), (owner,))
    return Withheld(
        document,
        (Role.VITALE, Role.TITULAIRE),
        (Sentence("Vitale of {patient}", patient=document.patient), owner),
    )
