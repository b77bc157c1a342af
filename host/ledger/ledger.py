"""The ledger: what the practice holds, and the life of each document, in one SQLite file.

Its rules are kept here and nowhere else: only allowed steps; nothing certified enters unless all its
signatures verified; never a second FSE for an invoice; nothing leaves unless it verifies as it is on disk.
Each `record_` method writes its batch in one transaction, whole or not at all, and when it returns the
batch is on disk. Repeating one changes nothing. Project-defined.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self

from tla_sim.host.documents import OutgoingDocument
from tla_sim.host.ledger.errors import (
    ContentDiffers,
    DocumentRefused,
    LedgerDamaged,
    LoadedElsewhere,
    OtherFse,
    StepRefused,
    UnknownDocument,
)
from tla_sim.host.ledger.file import Connect, connect, open_ledger_file
from tla_sim.host.ledger.model import STEPS, DocumentFilter, LedgerDocument, LedgerEvent, LedgerState
from tla_sim.host.ledger.queries import LedgerQueries
from tla_sim.host.ledger.reuse import (
    free_number,
    is_billed_by,
    is_corrected_by,
    number_with_year,
    told,
)
from tla_sim.host.ledger.rows import insert_document, replace_document, signers_text
from tla_sim.host.ledger.sqlite_errors import typed
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import DocumentKind, SecurityMode
from tla_sim.protocol.documents.invoice import PreparedInvoice, digest
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.documents.verification import VerifiedFse
from tla_sim.protocol.sentence import Sentence

__all__ = ["DocumentFilter", "Ledger", "LedgerDocument", "LedgerEvent", "LedgerState", "Verify"]

Verify = Callable[[bytes], VerifiedFse]
"""Verifies every signature of an FSE's bytes; raises a TlaError when one does not hold."""

_STATES: Final = {int(each): each for each in LedgerState}
_NOTE: Final = "INSERT INTO main.events (document, state, at, reader, signers) VALUES (?, ?, ?, ?, ?)"

_CORRECTABLE: Final = (LedgerState.PREPARED, LedgerState.CANCELLED)
"""On no reader, and never certified: a corrected invoice may take its place."""

BUSY_SECONDS: Final = 5.0
"""How long another program's writing is waited for."""


def local_time() -> datetime:
    """The host's time, with its zone."""
    return datetime.now().astimezone()


class _Held(NamedTuple):
    """What the rules need to know of a document on file."""

    rowid: int
    state: LedgerState
    mode: int
    reader: str
    invoice_digest: bytes
    pulled_digest: bytes | None
    fse_digest: bytes | None

    def carries(self, mode: SecurityMode, invoice: bytes) -> bool:
        """Whether it is this invoice in this mode."""
        return self.mode == mode and self.invoice_digest == digest(invoice)


class Ledger(LedgerQueries):
    """One practice's ledger, open: what it prepared, loaded, holds and sent. Make one with `open`.

    Not for use by several threads. Its methods raise the errors of `tla_sim.host.ledger.errors`.

    >>> with tla_sim.Ledger.open("another.db") as another:
    ...     another.documents()
    []
    """

    def __init__(
        self, database: sqlite3.Connection, path: str, clock: Callable[[], datetime] = local_time
    ) -> None:
        super().__init__(database, path)
        self._clock = clock
        self._moment = ""

    @classmethod
    def open(
        cls,
        path: Path | str,
        *,
        clock: Callable[[], datetime] = local_time,
        busy_seconds: float = BUSY_SECONDS,
        open_database: Connect = connect,
    ) -> Self:
        """Open the ledger at `path`, or begin one (mode 0600).

        `clock` gives the time that events are noted with. Raises NotALedger, LedgerTooNew, LedgerDamaged,
        LedgerUnwritable, LedgerFull or LedgerHeld.
        """
        where = Path(path)
        return cls(open_ledger_file(where, busy_seconds, open_database), str(where), clock)

    def close(self) -> None:
        """Close the file; closing twice does nothing."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def record_prepared(self, documents: Iterable[OutgoingDocument]) -> int:
        """Take prepared documents in; a corrected one replaces what is on no reader. How many changed.

        Raises ContentDiffers for one that is on a reader or certified with other content, and for another
        invoice under the number of one that the ledger has.
        """
        items = tuple(documents)
        with self._transaction():
            return self.prepare(items)

    def prepare(self, documents: Iterable[OutgoingDocument]) -> int:
        """The same, inside a `writing` that notes what else there is to note of them."""
        changed = 0
        for each in documents:
            held = self._held(each.id)
            if held is None:
                self._check_number(each.invoice)
                self._insert(each, LedgerState.PREPARED, "")
            elif held.carries(each.mode, each.content):
                continue
            else:
                self._correct(held, each)
            changed += 1
        return changed

    def record_loaded(self, documents: Iterable[OutgoingDocument], reader_serial: str) -> int:
        """Note that documents are on a reader. How many were not known to be.

        To be called before the reader commits the load: a document noted as loaded that did not get there
        is loaded by the next push; one that got there unnoted could be loaded on a second reader and be
        signed twice. Raises LoadedElsewhere, ContentDiffers, StepRefused.
        """
        changed = 0
        items = tuple(documents)
        with self._transaction():
            for each in items:
                held = self._held(each.id)
                if held is None:
                    self._check_number(each.invoice)
                    self._insert(each, LedgerState.LOADED, reader_serial)
                elif not held.carries(each.mode, each.content):
                    corrected = self._correct(held, each)
                    self._step(each.id, corrected, LedgerState.LOADED, reader_serial)
                elif held.state is not LedgerState.LOADED:
                    self._step(each.id, held, LedgerState.LOADED, reader_serial)
                elif held.reader != reader_serial:
                    raise LoadedElsewhere(each.id, held.reader)
                else:
                    continue
                changed += 1
        return changed

    def record_unloaded(self, documents: Iterable[DocumentId], reader_serial: str) -> int:
        """Note that documents are no longer on a reader and were not certified: erased, or refused by it.

        Those that are not LOADED there are passed over. How many went back to PREPARED.
        """
        changed = 0
        ids = tuple(documents)
        with self._transaction():
            for document in ids:
                held = self._held(document)
                if held and held.state is LedgerState.LOADED and held.reader == reader_serial:
                    self._step(document, held, LedgerState.PREPARED, "")
                    changed += 1
        return changed

    def record_cancelled(self, documents: Iterable[DocumentId], reader_serial: str) -> int:
        """Note that documents were given up on the round. How many were not known to be.

        One that is PREPARED is passed over: it was corrected since, and is on no reader. Raises
        UnknownDocument, StepRefused.
        """
        changed = 0
        ids = tuple(documents)
        with self._transaction():
            for document in ids:
                held = self._known(document)
                if held.state not in (LedgerState.CANCELLED, LedgerState.PREPARED):
                    self._step(document, held, LedgerState.CANCELLED, reader_serial)
                    changed += 1
        return changed

    def record_pulled(self, fses: Iterable[VerifiedFse], reader_serial: str) -> tuple[bytes, ...]:
        """Take in FSEs that a reader certified, PARTIAL or COMPLETE; their digests, in order, once on disk.

        Only then may they be acknowledged. One that is held already, even if finally signed since, is
        passed over. One whose invoice the ledger never saw is taken in whole. Raises, writing nothing of
        the batch: ContentDiffers when the invoice is not the one on file, OtherFse when another FSE of it
        is held, StepRefused.
        """
        digests: list[bytes] = []
        batch: dict[DocumentId, bytes] = {}
        states: list[tuple[int, str, int]] = []
        contents: list[tuple[int, bytes, bytes, bytes]] = []
        events: list[tuple[int, int, str, str, str]] = []
        items = tuple(fses)
        with self._transaction():
            for each in items:
                document, content_digest = each.id, digest(each.content)
                digests.append(content_digest)
                if document in batch:
                    if batch[document] != content_digest:
                        raise OtherFse(document)
                    continue
                batch[document] = content_digest
                rowid = self._room_for(document, each, content_digest, reader_serial)
                if rowid is not None:
                    state = int(each.state)
                    states.append((state, reader_serial, rowid))
                    contents.append((rowid, content_digest, content_digest, each.content))
                    events.append((rowid, state, self._moment, reader_serial, signers_text(each)))
            self._database.executemany("UPDATE main.documents SET state = ?, reader = ? WHERE id = ?", states)
            self._database.executemany("INSERT INTO main.fses VALUES (?, ?, ?, ?)", contents)
            self._database.executemany(_NOTE, events)
        return tuple(digests)

    def record_final(self, fses: Iterable[VerifiedFse], reader_serial: str) -> tuple[bytes, ...]:
        """Replace PARTIAL FSEs by the same with their final signature; their digests, in order, once on disk.

        Raises UnknownDocument, StepRefused, and OtherFse when the FSE is not the one held plus a signature.
        """
        digests: list[bytes] = []
        items = tuple(fses)
        with self._transaction():
            for each in items:
                content_digest = digest(each.content)
                document = each.id
                held = self._known(document)
                digests.append(content_digest)
                if held.fse_digest == content_digest:
                    continue
                if each.state is not InvoiceState.FINAL:
                    raise StepRefused(document, held.state.name, LedgerState.FINAL.name)
                if held.fse_digest is None or LedgerState.FINAL not in STEPS[held.state]:
                    raise _taken(document, held, LedgerState.FINAL)
                if digest(each.fse.without_last()) != held.fse_digest:
                    raise OtherFse(document)
                self._database.execute(
                    "UPDATE main.fses SET digest = ?, content = ? WHERE document = ?",
                    (content_digest, each.content, held.rowid),
                )
                self._step(document, held, LedgerState.FINAL, reader_serial, signers_text(each, last=True))
        return tuple(digests)

    def record_transmitted(self, documents: Iterable[DocumentId], verify: Verify) -> int:
        """Note that documents left. Each is verified once more, as it is on disk. How many.

        Raises what `verify` raises, UnknownDocument, and StepRefused for one that lacks a signature or left
        before.
        """
        ids = tuple(documents)
        for document in ids:
            self._verified(document, verify)
        with self._transaction():
            for document in ids:
                self._step(document, self._known(document), LedgerState.TRANSMITTED, "")
        return len(ids)

    def _verified(self, document: DocumentId, verify: Verify) -> None:
        content = self.fse(document)
        result = verify(content)
        if result.content != content or result.id != document:
            raise LedgerDamaged(
                self.path,
                Sentence(
                    "the FSE on file as {number} of {owner} is another one",
                    number=document.number,
                    owner=document.owner,
                ),
            )
        if result.state not in (InvoiceState.COMPLETE, InvoiceState.FINAL):
            raise StepRefused(document, result.state.name, LedgerState.TRANSMITTED.name)

    def _room_for(
        self, document: DocumentId, each: VerifiedFse, content_digest: bytes, reader_serial: str
    ) -> int | None:
        """The row that an FSE from a reader goes into; `None` when it is held already."""
        held = self._held(document)
        if held is not None:
            if not held.carries(each.fse.mode, each.fse.invoice_bytes):
                ours = PreparedInvoice.parse(self.invoice(document))
                raise ContentDiffers(
                    document,
                    Sentence(
                        "on the reader ({read}) than in the ledger ({held})",
                        read=told(each.invoice),
                        held=told(ours),
                    ),
                    "Do not acknowledge it; check which of the two the practice means",
                )
            if content_digest in (held.pulled_digest, held.fse_digest):
                return None
            if held.fse_digest is not None:
                raise OtherFse(document)
        before = LedgerState.PREPARED if held is None else held.state
        if LedgerState(each.state) not in STEPS[before]:
            raise StepRefused(document, before.name, each.state.name)
        if held is not None:
            return held.rowid
        fse = each.fse
        prepared = OutgoingDocument(each.invoice, fse.kind, fse.mode, fse.invoice_bytes, b"")
        return insert_document(self._database, prepared, LedgerState.PREPARED, reader_serial)

    def _insert(self, document: OutgoingDocument, state: LedgerState, reader_serial: str) -> None:
        rowid = insert_document(self._database, document, state, reader_serial)
        self._note(rowid, state, reader_serial)

    def _correct(self, held: _Held, document: OutgoingDocument) -> _Held:
        """Put other content in the place of what is on no reader and was never certified."""
        if held.state not in _CORRECTABLE:
            raise self._differs(document.id, held.state, held.reader, document.invoice)
        self._check_number(document.invoice)
        replace_document(self._database, held.rowid, document)
        self._note(held.rowid, LedgerState.PREPARED, "")
        return held._replace(state=LedgerState.PREPARED, mode=document.mode, reader="")

    def check_number(self, invoice: PreparedInvoice) -> None:
        """Make sure that an invoice's number does not name another one.

        Raises ContentDiffers, telling both, unless the ledger has the same invoice, or one on no reader and
        never certified that this one corrects, or none.
        """
        with self._typed():
            self._check_number(invoice)

    def check_prepared(self, invoice: PreparedInvoice) -> None:
        """Make sure that what is prepared under an invoice's number bills the same as the invoice in hand.

        Raises ContentDiffers, telling both, where it is an earlier form of it.
        """
        with self._typed():
            for kind in DocumentKind:
                document = DocumentId(invoice.owner, invoice.number, kind)
                held = self._held(document)
                if held is None or held.state is not LedgerState.PREPARED:
                    continue
                prepared = PreparedInvoice.parse(self.invoice(document))
                if not is_billed_by(prepared, invoice):
                    action = Sentence("Bill it anew: tla invoice degrade {number}", number=invoice.number)
                    raise ContentDiffers(document, self._told_apart(prepared, invoice, held.state), action)

    def state_of(self, document: OutgoingDocument) -> LedgerState | None:
        """Where a prepared document is in its life: `None` for one that the ledger does not know, PREPARED if
        it corrects what the ledger has.

        Raises ContentDiffers when its number names another invoice, or when it is on a reader with other
        content.
        """
        self.check_number(document.invoice)
        with self._typed():
            held = self._held(document.id)
        if held is None:
            return None
        if held.carries(document.mode, document.content):
            return held.state
        if held.state is LedgerState.LOADED:
            raise self._differs(document.id, held.state, held.reader, document.invoice)
        return LedgerState.PREPARED if held.state in _CORRECTABLE else held.state

    def _check_number(self, invoice: PreparedInvoice) -> None:
        self.check_sound(DocumentId(invoice.owner, invoice.number, DocumentKind.FSE))
        rows = self._database.execute(
            "SELECT kind, state, reader, invoice_digest FROM documents WHERE owner = ? AND number = ?",
            (invoice.owner, invoice.number),
        ).fetchall()
        if not rows:
            return
        content = digest(invoice.build())
        for kind, state, reader, held_digest in rows:
            if held_digest == content:
                continue
            document = DocumentId(invoice.owner, invoice.number, DocumentKind(kind))
            held = PreparedInvoice.parse(self.invoice(document))
            fits = is_corrected_by if _STATES[state] in _CORRECTABLE else is_billed_by
            if not fits(held, invoice):
                raise self._differs(document, _STATES[state], reader, invoice)

    def _differs(
        self, document: DocumentId, state: LedgerState, reader: str, invoice: PreparedInvoice
    ) -> ContentDiffers:
        """The refusal of other content under a document's number."""
        held = PreparedInvoice.parse(self.invoice(document))
        where = self._told_apart(held, invoice, state)
        if state is LedgerState.LOADED and is_corrected_by(held, invoice):
            return ContentDiffers(
                document, where, Sentence("Erase it from reader {reader} first", reader=reader)
            )
        renumbered = number_with_year(invoice.number, invoice.made_on)
        if held.made_on.year != invoice.made_on.year and self._has(renumbered, invoice):
            return ContentDiffers(
                document,
                where,
                Sentence(
                    "{renumbered} is in the ledger already; if it is this invoice, push the file that"
                    " tla practice renumber writes",
                    renumbered=renumbered,
                ),
            )
        free = free_number(self._database, invoice.owner, invoice.number, invoice.made_on)
        if held.made_on.year != invoice.made_on.year:
            return ContentDiffers(
                document,
                where,
                Sentence(
                    "Give it a number of its own, such as {free}; for a file whose numbers begin anew each"
                    " year: tla practice renumber",
                    free=free,
                ),
            )
        return ContentDiffers(
            document,
            where,
            Sentence("If it is another invoice, give it a number of its own, such as {free}", free=free),
        )

    @staticmethod
    def _told_apart(held: PreparedInvoice, invoice: PreparedInvoice, state: LedgerState) -> str:
        return Sentence(
            "in the practice file ({invoice}) than in the ledger ({held}), where it is {state}",
            invoice=told(invoice),
            held=told(held),
            state=state.name,
        )

    def _has(self, number: str, invoice: PreparedInvoice) -> bool:
        """Whether an invoice of the same owner and year has the number."""
        named = "SELECT 1 FROM documents WHERE owner = ? AND number = ? AND substr(made_on, 1, 4) = ?"
        values = (invoice.owner, number, f"{invoice.made_on:%Y}")
        return self._database.execute(named, values).fetchone() is not None

    def record_left(self, documents: Iterable[DocumentId]) -> None:
        """Note that documents left, inside a `writing` that notes in which file, where they were verified.

        Raises UnknownDocument, StepRefused.
        """
        for document in documents:
            self._step(document, self._known(document), LedgerState.TRANSMITTED, "")

    def now(self) -> str:
        """The present time (ISO 8601) as the ledger notes it."""
        return self._clock().isoformat(timespec="seconds")

    @property
    def moment(self) -> str:
        """The time (ISO 8601) that the current `writing` is noted with."""
        return self._moment

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction over the desk's own tables: all of it is on disk at its end, or none."""
        with self._transaction():
            yield self._database

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        database = self._database
        with typed(self.path):
            try:
                if database.in_transaction:  # left open by an interrupt between two lines below
                    database.execute("ROLLBACK")
                self._moment = self._clock().isoformat(timespec="seconds")
                database.execute("BEGIN IMMEDIATE")
                yield
                database.execute("COMMIT")
            except BaseException:
                if database.in_transaction:
                    database.execute("ROLLBACK")
                raise

    def _held(self, document: DocumentId) -> _Held | None:
        self.check_sound(document)
        row = self._database.execute(
            "SELECT d.id, d.state, d.mode, d.reader, d.invoice_digest, f.pulled_digest, f.digest"
            " FROM documents d LEFT JOIN fses f ON f.document = d.id"
            " WHERE d.owner = ? AND d.number = ? AND d.kind = ?",
            document,
        ).fetchone()
        return None if row is None else _Held(row[0], _STATES[row[1]], *row[2:])

    def _known(self, document: DocumentId) -> _Held:
        held = self._held(document)
        if held is None:
            raise UnknownDocument(document)
        return held

    def _step(
        self, document: DocumentId, held: _Held, state: LedgerState, reader_serial: str, signers: str = "[]"
    ) -> None:
        if state not in STEPS[held.state]:
            raise StepRefused(document, held.state.name, state.name)
        self._database.execute(
            "UPDATE main.documents SET state = ?, reader = ? WHERE id = ?",
            (int(state), held.reader if state is LedgerState.TRANSMITTED else reader_serial, held.rowid),
        )
        self._note(held.rowid, state, reader_serial, signers)

    def _note(self, rowid: int, state: LedgerState, reader_serial: str, signers: str = "[]") -> None:
        self._database.execute(_NOTE, (rowid, int(state), self._moment, reader_serial, signers))


def _taken(document: DocumentId, held: _Held, state: LedgerState) -> DocumentRefused:
    if held.fse_digest is not None:
        return OtherFse(document)
    return StepRefused(document, held.state.name, state.name)
