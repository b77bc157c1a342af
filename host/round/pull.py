"""Pulling certified documents out of the reader: into the ledger first, and only then acknowledged.

So a document is in the reader, in the ledger, or in both, at every moment. Running a pull again finishes
whatever was cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tla_sim.host.client import ReaderClient
from tla_sim.host.documents import DocumentOnBoard
from tla_sim.host.ledger.errors import DocumentRefused
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.progress import OnProgress, Progress, ignore_progress
from tla_sim.host.round.taking import check_gone, let_go, other_document, verify_taken
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.documents.certificates import TrustAnchors
from tla_sim.protocol.documents.document import Document
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.documents.verification import SignatureInvalid, VerifiedFse
from tla_sim.protocol.errors import CodecError, IncoherentAnswer, StatusError, TlaError
from tla_sim.protocol.sentence import Sentence

_ASKED_AT_ONCE = 64


@dataclass(frozen=True)
class LeftBehind:
    """A document that stayed on the reader, and why."""

    document: DocumentId
    reason: str
    action: str


@dataclass(frozen=True)
class Pulled:
    """The result of a pull."""

    partial: int
    complete: int
    cancelled: int
    waiting: int
    left: tuple[LeftBehind, ...]
    bytes_received: int


def pull(
    client: ReaderClient,
    ledger: Ledger,
    anchors: TrustAnchors | None = None,
    on_progress: OnProgress = ignore_progress,
) -> Pulled:
    """Pull everything that the authenticated card may have, and return the result.

    `anchors` are the authorities to trust, by default the shipped ones. A document whose signatures do not
    verify, or that the card may not take, stays on the reader and is listed in `left`. Raises `StatusError`,
    `LinkError`, `IncoherentAnswer`, and errors of the ledger; only documents that are safe in the ledger have
    left the reader then.

        >>> _ = tla_sim.push(client, ledger, practice)
        >>> reader.unplug()
        >>> reader.insert_ps("PIQURE2969")
        >>> reader.insert_vitale("MARTIN")
        >>> reader.press("VAL", reader.code, "VAL")
        >>> client = reader.client()
        >>> card = client.verify_code(reader.code)
        >>> pulled = tla_sim.pull(client, ledger)
        >>> pulled.partial, pulled.complete, pulled.waiting
        (2, 3, 5)
    """
    serial = client.identify().serial_number
    listed = client.list_documents()
    certified = [each for each in listed if each.state in (InvoiceState.PARTIAL, InvoiceState.COMPLETE)]
    run = _Pull(client, ledger, anchors or TrustAnchors.shipped(), serial, certified)
    on_progress(run.progress)
    while run.expected and (contents := client.unload_next()):
        run.take([Document(content) for content in contents])
        on_progress(run.progress)
    while run.expected:
        run.take_named()
        on_progress(run.progress)
    cancelled = [each for each in listed if each.state == InvoiceState.CANCELLED]
    given_up = run.take_cancelled(cancelled)
    waiting = sum(each.state == InvoiceState.LOADED for each in listed)
    return Pulled(
        run.counts[InvoiceState.PARTIAL],
        run.counts[InvoiceState.COMPLETE],
        given_up,
        waiting,
        tuple(run.left),
        run.received,
    )


class _Pull:
    """A pull in progress: what is still expected, what came, what stays behind."""

    def __init__(
        self,
        client: ReaderClient,
        ledger: Ledger,
        anchors: TrustAnchors,
        serial: str,
        certified: Sequence[DocumentOnBoard],
    ) -> None:
        self.expected = {each.fingerprint: each for each in certified}
        self.counts = {InvoiceState.PARTIAL: 0, InvoiceState.COMPLETE: 0}
        self.left: list[LeftBehind] = []
        self.received = 0
        self._client = client
        self._ledger = ledger
        self._anchors = anchors
        self._serial = serial
        self._total = len(certified)
        self._bytes = sum(each.size for each in certified)

    @property
    def progress(self) -> Progress:
        """The progress of the pull."""
        return Progress(
            Sentence("pull"), self._total - len(self.expected), self._total, self.received, self._bytes
        )

    def take(self, documents: Sequence[Document]) -> None:
        """Record one answer's documents in the ledger, then acknowledge them."""
        entries = [self._entry(document) for document in documents]
        safe = self._keep(entries, documents)
        if len(safe) == len(documents):
            # Shorter than naming each, but only right when every document of the answer is safe.
            check_gone(self._client, safe, self._client.acknowledge_last(safe.values()))
        else:
            let_go(self._client, safe)

    def take_named(self) -> None:
        """Ask for what is still expected by name, to get it or to learn why it does not come."""
        asked = list(self.expected.values())[:_ASKED_AT_ONCE]
        # The reader answers the first names that fit, at least one: each call shortens what is expected, and
        # the caller's loop ends. A refused name is not asked for again: it stays behind, with the reason.
        answers = self._client.unload([each.id for each in asked])
        came: list[DocumentOnBoard] = []
        documents: list[Document] = []
        for entry, answer in zip(asked, answers, strict=False):
            if answer.status == Status.OK:
                document = Document(answer.content)
                # Answers carry no names: the content must be that of the name asked for in this place.
                if self._entry(document) is not entry:
                    raise other_document(entry.id)
                came.append(entry)
                documents.append(document)
            else:
                self._leave(entry.id, StatusError(answer.status))
                del self.expected[entry.fingerprint]
        let_go(self._client, self._keep(came, documents))

    def _entry(self, document: Document) -> DocumentOnBoard:
        entry = self.expected.get(document.fingerprint)
        if entry is None:
            raise IncoherentAnswer(
                "A document came that the reader had not listed, or with other content",
                "Pull again; nothing of this answer was acknowledged",
            )
        return entry

    def _keep(
        self, entries: Sequence[DocumentOnBoard], documents: Sequence[Document]
    ) -> dict[DocumentId, bytes]:
        """Record the documents that verify; others, and those that the ledger refuses, stay behind.

        Return the fingerprints of those that are in the ledger now.
        """
        verified: dict[DocumentId, VerifiedFse] = {}
        for entry, document in zip(entries, documents, strict=True):
            self.received += len(document.content)
            del self.expected[entry.fingerprint]
            try:
                verified[entry.id] = verify_taken(document, entry.id, self._serial, self._anchors)
            except (SignatureInvalid, CodecError) as error:
                self._leave(entry.id, error)
        while verified:
            try:
                self._ledger.record_pulled(verified.values(), self._serial)
                break
            except DocumentRefused as refused:
                del verified[refused.document]
                self._leave(refused.document, refused)
        for fse in verified.values():
            self.counts[fse.state] += 1
        return {entry.id: entry.fingerprint for entry in entries if entry.id in verified}

    def take_cancelled(self, cancelled: Sequence[DocumentOnBoard]) -> int:
        """Record what was given up on the round, then acknowledge it; return how many documents."""
        self._confirm_cancelled(cancelled)
        given_up = {entry.id: entry.fingerprint for entry in cancelled}
        while given_up:
            try:
                self._ledger.record_cancelled(list(given_up), self._serial)
                break
            except DocumentRefused as refused:
                del given_up[refused.document]
                self._leave(refused.document, refused)
        let_go(self._client, given_up)
        return len(given_up)

    def _confirm_cancelled(self, cancelled: Sequence[DocumentOnBoard]) -> None:
        """Check that each document is really cancelled: only the line's checksum protects a listed state."""
        left = [each.id for each in cancelled]
        while left:
            answers = self._client.unload(left[:_ASKED_AT_ONCE])
            for name, answer in zip(left, answers, strict=False):
                if answer.status != Status.INVOICE_STATE:
                    raise IncoherentAnswer(
                        "Invoice {number} of {owner} is listed as cancelled and is not",
                        "Pull again; it was not acknowledged",
                        number=name.number,
                        owner=name.owner,
                    )
            left = left[len(answers) :]

    def _leave(self, document: DocumentId, error: TlaError) -> None:
        self.left.append(LeftBehind(document, error.message, error.action))
