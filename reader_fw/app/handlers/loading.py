"""Handlers of the commands that load prepared invoices: a load counts whole or not at all."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from tla_sim.protocol.commands.capability import Capability
from tla_sim.protocol.commands.loading import (
    COMMIT_LOAD,
    LIST_INVOICES,
    LOAD_INVOICE,
    OPEN_LOAD,
    DocumentList,
    ListedDocument,
    ListRequest,
    LoadCommit,
    LoadedBatch,
    LoadOpened,
    LoadOpening,
    LoadProgress,
    OwnerDocuments,
)
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.documents.document import Document
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import DocumentKind, Fse
from tla_sim.protocol.documents.load import batch_digest, bitmap_of, fingerprint
from tla_sim.reader_fw.app.handlers.handler import Handled, bind_handler
from tla_sim.reader_fw.app.refusal import Refusal
from tla_sim.reader_fw.app.session import OpenLoad
from tla_sim.reader_fw.app.store.invoice_store import Entry, StagedInvoice

if TYPE_CHECKING:
    from tla_sim.reader_fw.app.log_sv import LogSv
    from tla_sim.reader_fw.app.session import Session

_LIST_ENTRIES = 200
"""How many entries one answer lists: some 4 KB, 5 s at 9600 baud."""


def open_load(app: LogSv, session: Session, request: LoadOpening) -> LoadOpened:
    """Begin or resume a load, and return which of its documents are here."""
    app.check_housing()
    if not (request.owner.isdigit() and request.owner.isascii() and request.count):
        raise Refusal(Status.WRONG_DATA)
    others = [owner for owner in app.store.owners() if owner != request.owner]
    if others and Capability.MULTI_OWNER not in app.profile.capabilities:
        raise Refusal(Status.NOT_MULTI_OWNER)
    present = app.store.open_load(request.owner, request.load_id, request.count, request.total_bytes)
    session.load = OpenLoad(request.owner, request.load_id, request.count)
    return LoadOpened(bitmap_of(present, request.count), app.store.capacity().free_documents)


def load_invoice(app: LogSv, session: Session, request: LoadedBatch) -> LoadProgress:
    """Stage one batch of the open load, and return how many of its documents are here."""
    load = session.load
    if load is None or request.first + len(request.contents) > load.count:
        raise Refusal(Status.CONDITIONS_NOT_SATISFIED)
    if batch_digest(request.contents) != request.digest:
        raise Refusal(Status.DIGEST_MISMATCH)
    if request.kind is DocumentKind.DRE and Capability.DRE not in app.profile.capabilities:
        raise Refusal(Status.FUNCTION_NOT_SUPPORTED)
    staged = []
    for position, content in enumerate(request.contents, request.first):
        # The groups allow more than one writing of an invoice: trailing fields may be left out, a number may
        # have leading zeros. Any writing that parses is accepted, not that of `PreparedInvoice.build` alone,
        # since other workstations need not write as ours does. The bytes are kept as they came and are never
        # written anew, because digests and signatures cover them: nothing depends on which writing they are.
        # Two writings under one number are two contents, which the store refuses as a conflict.
        document = Document.of(Fse(request.kind, request.mode, content))
        invoice = document.invoice
        if invoice.owner != load.owner:
            raise Refusal(Status.NOT_OWNER)
        key = DocumentId(load.owner, invoice.number, request.kind)
        # Parsed here anyway: the first Vitale card after a load need not have every document read again.
        app.index.learn(key, document)
        staged.append(StagedInvoice(position, key, document))
    return LoadProgress(app.store.stage(load.owner, load.load_id, staged))


def commit_load(app: LogSv, session: Session, request: LoadCommit) -> LoadProgress:
    """Make the open load valid, and return how many documents it has."""
    load = session.load
    if load is None or load.load_id != request.load_id or load.count != request.count:
        raise Refusal(Status.CONDITIONS_NOT_SATISFIED)
    committed = app.store.commit(load.owner, load.load_id, load.count)
    session.load = None
    return LoadProgress(committed)


def list_invoices(app: LogSv, _: Session, request: ListRequest) -> DocumentList:
    """Return part of the list of documents on board."""
    entries = app.store.entries(request.owner or None)
    part = entries[request.first : request.first + _LIST_ENTRIES]
    owners = [
        OwnerDocuments(owner, tuple(_list_entry(entry) for entry in run))
        for owner, run in groupby(part, key=lambda entry: entry.key.owner)
    ]
    return DocumentList(len(entries), tuple(owners))


def _list_entry(entry: Entry) -> ListedDocument:
    key = entry.key
    return ListedDocument(key.number, key.kind, entry.state, fingerprint(entry.digest), entry.size)


HANDLED: Final[tuple[Handled, ...]] = (
    bind_handler(OPEN_LOAD, open_load),
    bind_handler(LOAD_INVOICE, load_invoice),
    bind_handler(COMMIT_LOAD, commit_load),
    bind_handler(LIST_INVOICES, list_invoices),
)
"""The commands of this topic, each with its handler."""
