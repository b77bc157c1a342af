"""The ledger: what the practice holds, and the life of each document, in one SQLite file.

Its rules are kept here and nowhere else: only allowed steps; nothing certified enters unless all its
signatures verified; never a second FSE for an invoice; nothing leaves unless all its signatures were
verified once more as it was read from the disk, and only once. Each `record_` method writes its batch in
one transaction, whole or not at all, and when it returns the batch is on disk. Repeating one changes
nothing. Project-defined.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tla_sim.host.documents import OutgoingDocument
from tla_sim.host.ledger.database import LedgerDatabase
from tla_sim.host.ledger.errors import (
    EntryDamaged,
    LoadedElsewhere,
    OtherFse,
    StepRefused,
)
from tla_sim.host.ledger.file import Connect, connect, open_ledger_file
from tla_sim.host.ledger.intake import room_for
from tla_sim.host.ledger.model import (
    STEPS,
    TO_SEND,
    DocumentFilter,
    HeldFse,
    LedgerCount,
    LedgerDocument,
    LedgerEvent,
    LedgerState,
)
from tla_sim.host.ledger.queries import DocumentQueries
from tla_sim.host.ledger.reuse import CORRECTABLE, NumberRules
from tla_sim.host.ledger.rows import DocumentRows, HeldDocument, signers_text
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.invoice import PreparedInvoice, digest
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.documents.verification import VerifiedFse

__all__ = ["DocumentFilter", "Ledger", "LedgerDocument", "LedgerEvent", "LedgerState"]

BUSY_SECONDS: Final = 5.0
"""The seconds to wait while another program is writing."""


def local_time() -> datetime:
    """Return the host's time, with its zone."""
    return datetime.now().astimezone()


class Ledger:
    """One practice's ledger, open: what it prepared, loaded, holds and sent. Make one with `open`.

    Not for use by several threads. Its methods raise the errors of `tla_sim.host.ledger.errors`.

    >>> with tla_sim.Ledger.open("another.db") as another:
    ...     another.documents()
    []
    """

    def __init__(self, database: LedgerDatabase) -> None:
        self.database = database
        self._queries = DocumentQueries(database)
        self._rows = DocumentRows(database)
        self._numbers = NumberRules(database, self._queries, self._rows)

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

        `clock` gives the time that events are noted with. Raises `NotALedger`, `LedgerTooNew`,
        `LedgerDamaged`, `LedgerUnwritable`, `LedgerFull` or `LedgerHeld`.
        """
        where = Path(path)
        connection = open_ledger_file(where, busy_seconds, open_database)
        return cls(LedgerDatabase(connection, str(where), clock))

    def close(self) -> None:
        """Close the file; closing twice does nothing."""
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def record_prepared(self, documents: Iterable[OutgoingDocument]) -> int:
        """Take prepared documents in; a corrected one replaces what is on no reader. How many changed.

        Raises `ContentDiffers` for one that is on a reader or certified with other content, and for another
        invoice under the number of one that the ledger has.
        """
        items = tuple(documents)
        with self.database.transaction():
            return self.prepare(items)

    def prepare(self, documents: Iterable[OutgoingDocument]) -> int:
        """Return the same, inside a `writing` that notes what else there is to note of them."""
        changed = 0
        for each in documents:
            held = self._rows.find(each.id)
            if held is None:
                self._numbers.check(each.invoice)
                self._rows.begin(each, LedgerState.PREPARED, "")
            elif held.carries(each.mode, each.invoice_digest):
                continue
            else:
                self._correct(held, each)
            changed += 1
        return changed

    def record_loaded(self, documents: Iterable[OutgoingDocument], reader_serial: str) -> int:
        """Note that documents are on a reader. How many were not known to be.

        To be called before the reader commits the load: a document noted as loaded that did not get there
        is loaded by the next push; one that got there unnoted could be loaded on a second reader and be
        signed twice. Raises `LoadedElsewhere`, `ContentDiffers`, `StepRefused`.
        """
        changed = 0
        items = tuple(documents)
        with self.database.transaction():
            for each in items:
                held = self._rows.find(each.id)
                if held is None:
                    self._numbers.check(each.invoice)
                    self._rows.begin(each, LedgerState.LOADED, reader_serial)
                elif not held.carries(each.mode, each.invoice_digest):
                    corrected = self._correct(held, each)
                    self._rows.step(each.id, corrected, LedgerState.LOADED, reader_serial)
                elif held.state is not LedgerState.LOADED:
                    self._rows.step(each.id, held, LedgerState.LOADED, reader_serial)
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
        with self.database.transaction():
            for document in ids:
                held = self._rows.find(document)
                if held and held.state is LedgerState.LOADED and held.reader == reader_serial:
                    self._rows.step(document, held, LedgerState.PREPARED, "")
                    changed += 1
        return changed

    def record_cancelled(self, documents: Iterable[DocumentId], reader_serial: str) -> int:
        """Note that documents were given up on the round. How many were not known to be.

        One that is PREPARED is passed over: it was corrected since, and is on no reader. Raises
        `UnknownDocument`, `StepRefused`.
        """
        changed = 0
        ids = tuple(documents)
        with self.database.transaction():
            for document in ids:
                held = self._rows.require(document)
                if held.state not in (LedgerState.CANCELLED, LedgerState.PREPARED):
                    self._rows.step(document, held, LedgerState.CANCELLED, reader_serial)
                    changed += 1
        return changed

    def record_pulled(self, fses: Iterable[VerifiedFse], reader_serial: str) -> tuple[bytes, ...]:
        """Take in FSEs that a reader certified, PARTIAL or COMPLETE; return their digests, in order, once on
        disk.

        Only then may they be acknowledged. One that is held already, even if finally signed since, is
        passed over. One whose invoice the ledger never saw is taken in whole. Raises, writing nothing of
        the batch: `ContentDiffers` when the invoice is not the one on file, `OtherFse` when another FSE of it
        is held, `StepRefused`.
        """
        digests: list[bytes] = []
        batch: dict[DocumentId, bytes] = {}
        taken: list[tuple[int, VerifiedFse]] = []
        items = tuple(fses)
        with self.database.transaction():
            for each in items:
                document, content_digest = each.id, each.document.digest
                digests.append(content_digest)
                if document in batch:
                    if batch[document] != content_digest:
                        raise OtherFse(document)
                    continue
                batch[document] = content_digest
                rowid = room_for(self._queries, self._rows, each, reader_serial)
                if rowid is not None:
                    taken.append((rowid, each))
            self._rows.keep_fses(taken, reader_serial)
        return tuple(digests)

    def record_final(self, fses: Iterable[VerifiedFse], reader_serial: str) -> tuple[bytes, ...]:
        """Replace PARTIAL FSEs by the same with their final signature; return their digests, in order, once
        on disk.

        Raises `UnknownDocument`, `StepRefused`, and `OtherFse` when the FSE is not the one held plus a
        signature.
        """
        digests: list[bytes] = []
        items = tuple(fses)
        with self.database.transaction():
            for each in items:
                content_digest = each.document.digest
                document = each.id
                held = self._rows.require(document)
                digests.append(content_digest)
                if held.fse_digest == content_digest:
                    continue
                if each.state is not InvoiceState.FINAL or held.fse_digest is None:
                    raise StepRefused(document, held.state.name, LedgerState.FINAL.name)
                if LedgerState.FINAL not in STEPS[held.state] or (
                    digest(each.fse.without_last()) != held.fse_digest
                ):
                    raise OtherFse(document)
                self._rows.replace_fse(held, each.document)
                self._rows.step(
                    document, held, LedgerState.FINAL, reader_serial, signers_text(each, last=True)
                )
        return tuple(digests)

    @contextmanager
    def leaving(self, fses: Iterable[VerifiedFse]) -> Iterator[tuple[DocumentId, ...]]:
        """Let FSEs leave once, all of whose signatures were verified as they were read from here: those named
        inside are the caller's to send, and TRANSMITTED at the end.

        Not named is one that left before, is in a lot, or is not the one on disk, whatever other program saw
        to that. An error inside leaves all as they were. Raises `StepRefused` for one that lacks a signature,
        `UnknownDocument`.
        """
        items = tuple(fses)
        for each in items:
            if LedgerState(each.state) not in TO_SEND:
                raise StepRefused(each.id, each.state.name, LedgerState.TRANSMITTED.name)
        with self.database.transaction():
            yield tuple(each.id for each in items if self._rows.let_leave(each))

    def _correct(self, held: HeldDocument, document: OutgoingDocument) -> HeldDocument:
        """Put other content in the place of what is on no reader and was never certified."""
        if held.state not in CORRECTABLE:
            raise self._numbers.differs(document.id, held.state, held.reader, document.invoice)
        self._numbers.check(document.invoice)
        return self._rows.replace(held, document)

    def record_left(self, documents: Iterable[DocumentId]) -> None:
        """Note that documents left, inside a `writing` that notes in which file, where they were verified.

        Raises `UnknownDocument`, `StepRefused`.
        """
        for document in documents:
            self._rows.step(document, self._rows.require(document), LedgerState.TRANSMITTED, "")

    def writing(self) -> AbstractContextManager[None]:
        """Return a transaction over the desk's own tables: all of it is on disk at its end, or none."""
        return self.database.transaction()

    def now(self) -> str:
        """Return the present time (ISO 8601) as the ledger notes it."""
        return self.database.now()

    def check_number(self, invoice: PreparedInvoice) -> None:
        """Make sure that an invoice's number does not name another one.

        Raises `ContentDiffers`, telling both, unless the ledger has the same invoice, or one on no reader and
        never certified that this one corrects, or none.
        """
        self._numbers.check(invoice)

    def check_prepared(self, invoice: PreparedInvoice) -> None:
        """Make sure that what is prepared under an invoice's number bills the same as the invoice in hand.

        Raises `ContentDiffers`, telling both, where it is an earlier form of it.
        """
        self._numbers.check_prepared(invoice)

    def free_number(self, owner: str, wanted: str, taken: Collection[str] = ()) -> str:
        """Return the first number of nine digits from `wanted` on that names no invoice of an owner here, and
        is not among `taken`."""
        return self._numbers.free_number(owner, wanted, taken)

    def next_number(self, owner: str, taken: Collection[str], today: date) -> str:
        """Return a free number for an owner's new invoice: behind the greatest of those `taken` in the
        practice file, or the first of `today`."""
        return self._numbers.next_number(owner, taken, today)

    def state_of(self, document: OutgoingDocument) -> LedgerState | None:
        """Return where a prepared document is in its life: `None` for one that the ledger does not know,
        PREPARED if it corrects what the ledger has.

        Raises `ContentDiffers` when its number names another invoice, or when it is on a reader with other
        content.
        """
        return self._numbers.state_of(document)

    @property
    def path(self) -> str:
        """The ledger's file."""
        return self.database.path

    @property
    def version(self) -> int:
        """A number that changes whenever another program, or another `Ledger`, has changed the file."""
        return self.database.version()

    @property
    def damaged(self) -> tuple[EntryDamaged, ...]:
        """What of the ledger is damaged and set aside, as far as it was read: a sentence each."""
        return tuple(self.database.damage.found.values())

    def damaged_owners(self, number: str) -> tuple[str, ...]:
        """Return whose invoice of this number is damaged."""
        return tuple(owner for owner, each in self.database.damage.invoices if each == number)

    def check_sound(self, document: DocumentId) -> None:
        """Make sure that nothing of a document's invoice is damaged. Raises `DocumentDamaged`."""
        self.database.check_sound(document)

    def state(self, document: DocumentId) -> LedgerState | None:
        """Return where a document is in its life; `None` for one that the ledger does not know."""
        return self._queries.state(document)

    def get(self, document: DocumentId) -> LedgerDocument | None:
        """Return one document's line, `None` if the ledger does not know it."""
        return self._queries.line(document)

    def documents(self, wanted: DocumentFilter | None = None) -> list[LedgerDocument]:
        """Return the documents that a filter lets pass, in order of owner, number and kind."""
        return self._queries.lines(wanted or DocumentFilter())

    def to_sign(self, owner: str | None = None) -> list[HeldFse]:
        """Return what waits for its owner's final signature."""
        return self._queries.to_sign(owner)

    def transmissible(self, owner: str | None = None) -> list[HeldFse]:
        """Return what has all its signatures, has not left and is in no lot."""
        return self._queries.transmissible(owner)

    def fse(self, document: DocumentId) -> bytes:
        """Return the certified document held.

        Raises `UnknownDocument` when there is none, `DocumentDamaged`.
        """
        return self._queries.fse(document)

    def invoice(self, document: DocumentId) -> bytes:
        """Return the prepared invoice's canonical bytes. Raises `UnknownDocument`, `DocumentDamaged`."""
        return self._queries.invoice(document)

    def events(self, document: DocumentId | None = None) -> list[LedgerEvent]:
        """Return the history of one document, or of all, oldest first."""
        return self._queries.events(document)

    def counts(self) -> list[LedgerCount]:
        """Return how many documents are in which state, by owner and kind, with their totals."""
        return self._queries.counts()

    def check(self) -> None:
        """Read everything once: the file's structure, and each document's bytes against its digest.

        Raises `LedgerDamaged` naming the first thing that is wrong.
        """
        self._queries.check()
