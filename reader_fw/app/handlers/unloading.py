"""Handlers of the commands that take documents and patients off the reader: unload, acknowledge, erase."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.commands.unloading import (
    ACKNOWLEDGE_FSE,
    ERASE,
    UNLOAD_BENEFICIARIES,
    UNLOAD_FSE,
    Acknowledged,
    Acknowledgement,
    Beneficiaries,
    BeneficiariesRequest,
    EraseRequest,
    UnloadedDocument,
    UnloadedDocuments,
    UnloadRequest,
)
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import Fse
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.documents.load import MAX_BATCH_BYTES, acknowledgement_digest, fingerprint
from tla_sim.reader_fw.app.handlers.handler import Handled, bind_handler
from tla_sim.reader_fw.app.refusal import Refusal
from tla_sim.reader_fw.app.store.errors import StoreFull
from tla_sim.reader_fw.app.store.sealing import RecordDamaged

if TYPE_CHECKING:
    from tla_sim.reader_fw.app.inserted_cards import InsertedPs
    from tla_sim.reader_fw.app.log_sv import LogSv
    from tla_sim.reader_fw.app.session import Session

_CERTIFIED: Final = (InvoiceState.PARTIAL, InvoiceState.COMPLETE)


def _check_access(app: LogSv, key: DocumentId, content: bytes, ps: InsertedPs) -> None:
    """Raise Refusal unless the card is the owner's or one that signed the document."""
    if ps.owns(key.owner) or app.index.signer(key) == ps.serial:
        return
    # Signed before the reader was last switched on: only the document itself still knows by whom.
    signers = [block.context.ps_serial for block in Fse.parse(content).blocks]
    if ps.serial not in signers:
        raise Refusal(Status.NOT_OWNER)


def unload_fse(app: LogSv, session: Session, request: UnloadRequest) -> UnloadedDocuments:
    """Return as many of the documents asked for as fit, at least one; of the next ones if none is named."""
    ps = app.cards.ps()
    room = min(request.max_bytes, MAX_BATCH_BYTES)
    answers: list[UnloadedDocument] = []
    given: list[DocumentId] = []
    size = 0
    for key in request.documents or _next(app, session):
        answer = _unload_one(app, key, ps)
        if answer.status != Status.OK and not request.documents:
            continue
        size += len(answer.content)
        if answers and size > room:
            break
        answers.append(answer)
        entry = app.store.entry(key)
        if answer.status == Status.OK and entry is not None:
            session.given[key] = entry.digest
            given.append(key)
    session.last_given = tuple(given)
    return UnloadedDocuments(tuple(answers))


def _next(app: LogSv, session: Session) -> Iterator[DocumentId]:
    for entry in app.store.entries():
        if entry.state in _CERTIFIED and entry.key not in session.given:
            yield entry.key


def _unload_one(app: LogSv, key: DocumentId, ps: InsertedPs) -> UnloadedDocument:
    state = app.store.state_of(key)
    if state is None:
        return UnloadedDocument(Status.UNKNOWN_INVOICE, b"")
    if state not in _CERTIFIED:
        return UnloadedDocument(Status.INVOICE_STATE, b"")
    try:
        content = app.store.content(key)
        _check_access(app, key, content, ps)
    except RecordDamaged:
        return UnloadedDocument(Status.RECORD_DAMAGED, b"")
    except Refusal as refusal:
        return UnloadedDocument(refusal.word, b"")
    return UnloadedDocument(Status.OK, content)


def acknowledge_fse(app: LogSv, session: Session, request: Acknowledgement) -> Acknowledged:
    """Remove the documents that the host has on disk, all or none, and return how many left."""
    ps = app.cards.ps()
    wanted = request.documents or session.last_given
    if not wanted:
        raise Refusal(Status.CONDITIONS_NOT_SATISFIED)
    entries = [entry for key in dict.fromkeys(wanted) if (entry := app.store.entry(key)) is not None]
    if not entries:
        return Acknowledged(0)
    if acknowledgement_digest(fingerprint(entry.digest) for entry in entries) != request.digest:
        raise Refusal(Status.DIGEST_MISMATCH)
    for entry in entries:
        # What this link was given it may acknowledge: its card was checked when it was given.
        given = session.given.get(entry.key) == entry.digest
        if entry.state in _CERTIFIED and not given and not ps.owns(entry.key.owner):
            _check_access(app, entry.key, app.store.content(entry.key), ps)
    with _tell_worn_from_full():
        removed = app.store.acknowledge([(entry.key, entry.digest) for entry in entries])
    return Acknowledged(removed)


def erase(app: LogSv, session: Session, request: EraseRequest) -> Acknowledged:
    """Erase an owner's documents and patients, and return how many documents there were."""
    entries = app.store.entries(request.owner)
    waiting = any(each.state in _CERTIFIED for each in entries)
    if waiting and not app.cards.ps().owns(request.owner):
        raise Refusal(Status.NOT_ACKNOWLEDGED)
    with _tell_worn_from_full():
        erased = app.store.erase(request.owner)
    if session.load is not None and session.load.owner == request.owner:
        session.load = None
    return Acknowledged(erased)


@contextmanager
def _tell_worn_from_full() -> Iterator[None]:
    """Raise Refusal with MEMORY_FAILURE for StoreFull while documents are removed."""
    try:
        yield
    except StoreFull:
        # Room is reserved for removing. A flash that has none left is worn out, and "pull the invoices" is
        # no remedy for that.
        raise Refusal(Status.MEMORY_FAILURE) from None


def unload_beneficiaries(app: LogSv, _: Session, request: BeneficiariesRequest) -> Beneficiaries:
    """Return the owner's patients as read from their cards, to the owner's card or one that met them."""
    ps = app.cards.ps()
    if not ps.owns(request.owner) and ps.serial not in app.patients.readers(request.owner):
        raise Refusal(Status.NOT_OWNER)
    return Beneficiaries(app.patients.groups(request.owner))


HANDLED: Final[tuple[Handled, ...]] = (
    bind_handler(UNLOAD_FSE, unload_fse),
    bind_handler(ACKNOWLEDGE_FSE, acknowledge_fse),
    bind_handler(ERASE, erase),
    bind_handler(UNLOAD_BENEFICIARIES, unload_beneficiaries),
)
"""The commands of this topic, each with its handler."""
