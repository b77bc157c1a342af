"""Pushing prepared invoices into the reader: all or none for each owner, each stored once.

It is safe to run again at any time: documents that the reader has are not sent again, and a cut load resumes.
The ledger records a load just before the reader commits it. Recorded but not committed, it is loaded by the
next push; committed but not recorded, it could be loaded on a second reader and be certified twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tla_sim.host.client import ReaderClient
from tla_sim.host.documents import OutgoingDocument
from tla_sim.host.ledger.errors import DocumentDamaged
from tla_sim.host.ledger.ledger import Ledger, LedgerState
from tla_sim.host.progress import OnProgress, Progress, ignore_progress
from tla_sim.host.round.push_refused import describe_given_back, describe_other_on_board
from tla_sim.protocol.commands.capability import Capability
from tla_sim.protocol.commands.identity import Identity
from tla_sim.protocol.commands.loading import LoadedBatch, LoadOpening
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import DocumentKind, SecurityMode
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.documents.load import batch_digest, load_identifier, positions_in
from tla_sim.protocol.errors import IncoherentAnswer, StatusError
from tla_sim.protocol.sentence import Sentence

_MAX_IN_BATCH = 255
_LENGTH_BYTES = 2


@dataclass(frozen=True)
class Proposal:
    """The owners of a push: those chosen, others with invoices for the same patients, and whether this reader
    takes several owners at once."""

    chosen: tuple[str, ...]
    others: tuple[str, ...]
    multi_owner: bool
    version: str


def propose(identity: Identity, documents: Sequence[OutgoingDocument], chosen: Sequence[str]) -> Proposal:
    """Return which other owners have prepared invoices for the same patients, as a 1.40 reader offers to take
    them."""
    patients = {each.invoice.beneficiary_key for each in documents if each.invoice.owner in chosen}
    others = dict.fromkeys(
        each.invoice.owner
        for each in documents
        if each.invoice.owner not in chosen and each.invoice.beneficiary_key in patients
    )
    multi = bool(identity.capabilities & Capability.MULTI_OWNER)
    version = f"{identity.major}.{identity.minor:02}"
    return Proposal(tuple(chosen), tuple(others), multi, version)


def select_taken(identity: Identity, documents: Sequence[OutgoingDocument]) -> tuple[OutgoingDocument, ...]:
    """Return the documents that this reader's version takes: before 1.39 it knows no DRE."""
    knows_dre = bool(identity.capabilities & Capability.DRE)
    return tuple(each for each in documents if knows_dre or each.kind is not DocumentKind.DRE)


class PushResult(StrEnum):
    """What became of one document: loaded now, on the reader already, or certified or given up before."""

    LOADED = "loaded"
    ALREADY = "already"
    FINISHED = "finished"


@dataclass(frozen=True)
class Pushed:
    """The result of a push for one owner. `results` has each document that the ledger could read."""

    owner: str
    results: Mapping[DocumentId, PushResult]
    bytes_sent: int
    bytes_resumed: int

    @property
    def loaded(self) -> int:
        """How many documents were loaded now."""
        return self._count(PushResult.LOADED)

    @property
    def already(self) -> int:
        """How many documents were on the reader already."""
        return self._count(PushResult.ALREADY)

    @property
    def finished(self) -> int:
        """How many documents were certified or given up before."""
        return self._count(PushResult.FINISHED)

    def _count(self, result: PushResult) -> int:
        return sum(each is result for each in self.results.values())


def push_owner(
    client: ReaderClient,
    ledger: Ledger,
    owner: str,
    documents: Sequence[OutgoingDocument],
    on_progress: OnProgress = ignore_progress,
) -> Pushed:
    """Load one owner's documents, and return the result.

    Documents that the ledger has as certified, cancelled or later are left out (`finished`), those on the
    reader are not sent (`already`). Raises `PushRefused`, also when the reader had this very load and gave
    documents of it back since; `ContentDiffers` when a number names another invoice, `StatusError`,
    `LinkError`, and errors of the ledger; the reader then holds all or none of the new documents.
    """
    serial = client.identify().serial_number
    on_board = {each.id: each for each in client.list_documents(owner)}
    fresh: list[OutgoingDocument] = []
    already: list[OutgoingDocument] = []
    doubtful: list[OutgoingDocument] = []
    marked: list[DocumentId] = []
    results: dict[DocumentId, PushResult] = {}
    for each in documents:
        try:
            state = ledger.state_of(each)
        except DocumentDamaged:
            continue  # the ledger reports it; the others are loaded
        if state not in (None, LedgerState.PREPARED, LedgerState.LOADED):
            results[each.id] = PushResult.FINISHED
            continue
        known = on_board.get(each.id)
        results[each.id] = PushResult.LOADED if known is None else PushResult.ALREADY
        if known is None:
            fresh.append(each)
            if state is not LedgerState.LOADED:
                marked.append(each.id)
        elif known.state in _UNSIGNED and known.fingerprint != each.fingerprint:
            raise describe_other_on_board([each])
        elif known.state in _UNSIGNED or state is LedgerState.LOADED:
            already.append(each)
        else:
            # Signing changes the fingerprint, which proves nothing here: the reader compares contents.
            doubtful.append(each)
    ledger.record_loaded(already, serial)
    try:
        sent, resumed = _load(client, ledger, owner, [*fresh, *doubtful], serial, on_progress)
        if fresh and not sent:
            _check_on_board(client, ledger, fresh, marked, serial)
    except StatusError as error:
        if doubtful and error.status is Status.INVOICE_CONFLICT:
            raise describe_other_on_board(doubtful) from None
        raise
    return Pushed(owner, results, sent, resumed)


_UNSIGNED: Final = (InvoiceState.LOADED, InvoiceState.CANCELLED)


def _check_on_board(
    client: ReaderClient,
    ledger: Ledger,
    documents: Sequence[OutgoingDocument],
    marked: Sequence[DocumentId],
    serial: str,
) -> None:
    """Raise PushRefused if committed documents are not on the reader, and take back that they are LOADED.

    A reader remembers an owner's last load by name, even when its documents have left. What the ledger had as
    LOADED before this push (those not in `marked`) stays so: what left may be certified, and LOADED keeps it
    from other readers.
    """
    gone = list(documents)
    # Twice, all owners, number and content: one altered answer must not free what is on board.
    for _ in range(2):
        listed = client.list_documents()
        ids = {each.id for each in listed}
        contents = {each.fingerprint for each in listed}
        gone = [each for each in gone if each.id not in ids and each.fingerprint not in contents]
        if not gone:
            return
    client.identify()  # raises if another reader was plugged in, whose list says nothing of this one
    missing = {each.id for each in gone}
    ledger.record_unloaded([each for each in marked if each in missing], serial)
    raise describe_given_back(gone)


def _load(
    client: ReaderClient,
    ledger: Ledger,
    owner: str,
    documents: Sequence[OutgoingDocument],
    serial: str,
    on_progress: OnProgress,
) -> tuple[int, int]:
    """Load documents, all or none; return how many bytes were sent, and how many were there before."""
    total = sum(len(each.content) for each in documents)
    sent = resumed = 0
    if documents:
        load_id = load_identifier(each.digest for each in documents)
        opened = client.open_load(LoadOpening(owner, load_id, len(documents), total))
        present = positions_in(opened.present, len(documents))
        resumed = sum(len(documents[position].content) for position in present)
        missing = sorted(frozenset(range(len(documents))) - frozenset(present))
        done = len(present)
        on_progress(Progress(Sentence("push"), done, len(documents), resumed, total, owner))
        for positions in _batches(documents, missing, client.batch_bytes):
            batch = [documents[position] for position in positions]
            contents = tuple(each.content for each in batch)
            client.load_batch(
                LoadedBatch(positions[0], batch[0].kind, batch[0].mode, batch_digest(contents), contents)
            )
            done += len(batch)
            sent += sum(map(len, contents))
            on_progress(Progress(Sentence("push"), done, len(documents), resumed + sent, total, owner))
        # The reader may have been exchanged during the load: record it for the one that will commit.
        client.identify()
        # Before the commit, never after: a cut in between must not leave a load unknown to the ledger.
        ledger.record_loaded(documents, serial)
        committed = client.commit_load(load_id, len(documents))
        if committed != len(documents):
            raise IncoherentAnswer(
                "The reader committed {committed} documents of {count}",
                "Push again, then compare the list",
                committed=committed,
                count=len(documents),
            )
    return sent, resumed


def _batches(
    documents: Sequence[OutgoingDocument], missing: Sequence[int], limit: int
) -> Iterator[list[int]]:
    """Yield runs of adjacent positions of one kind and mode, with at most `limit` bytes of content."""
    run: list[int] = []
    size = 0
    kind_mode: tuple[DocumentKind, SecurityMode] | None = None
    for position in missing:
        document = documents[position]
        length = len(document.content) + _LENGTH_BYTES
        apart = run and (
            position != run[-1] + 1
            or size + length > limit
            or len(run) == _MAX_IN_BATCH
            or kind_mode != (document.kind, document.mode)
        )
        if apart:
            yield run
            run, size = [], 0
        run.append(position)
        size += length
        kind_mode = (document.kind, document.mode)
    if run:
        yield run
