"""Loading an owner's prepared invoices, whole or not at all, and listing what is on board.

Source: Project-defined, after the SSV functions named.
"""

from __future__ import annotations

from dataclasses import dataclass

from tla_sim.protocol.commands.declaration import Command
from tla_sim.protocol.commands.instructions import Ins
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.documents.fse import DocumentKind, SecurityMode
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.wire.forms import Differs, Holds
from tla_sim.protocol.wire.record import (
    Record,
    blob16,
    blobs,
    choice,
    fixed,
    records,
    string,
    u16,
    u32,
)


@dataclass(frozen=True)
class LoadOpening:
    """The load that follows. Opening the same identifier again resumes it."""

    owner: str = string("billing number of the owner")
    load_id: bytes = fixed(
        16,
        "identifier of the load: first half of the SHA-256 of its documents' digests",
        differs=Differs.BY_RUN,
    )
    count: int = u16("documents in the load")
    total_bytes: int = u32("their content in bytes", differs=Differs.BY_RUN)


@dataclass(frozen=True)
class LoadOpened:
    """The part of this load that the reader already has."""

    present: bytes = blob16("bitmap, document 0 in bit 0 of the first byte: 1 when already here")
    free_invoices: int = u16("invoices it still takes, this load not counted")


OPEN_LOAD = Command(
    Ins.OPEN_LOAD,
    "Begin or resume loading one owner's invoices; an unfinished other load of that owner is dropped.",
    Record(LoadOpening),
    Record(LoadOpened),
    ssv="SSV_ChargerFacturesPdT",
    errors=(
        Status.NO_FREE_SLOT,
        Status.TOO_MANY_OWNERS,
        Status.NOT_MULTI_OWNER,
        Status.TAMPERED,
    ),
    changes=True,
    vectors=(
        (
            LoadOpening("750000001", bytes(16), 4, 1200),
            "09373530303030303031" + "00" * 16 + "0004000004B0",
        ),
        (LoadOpened(b"\x05", 996), "00010503E4"),
    ),
)


@dataclass(frozen=True)
class LoadedBatch:
    """Consecutive documents of the open load."""

    first: int = u16("position of the first one in the load", differs=Differs.BY_BATCH)
    kind: DocumentKind = choice(DocumentKind, "FSE or DRE, of all of them")
    mode: SecurityMode = choice(SecurityMode, "secured or degraded, all of them")
    digest: bytes = fixed(
        32,
        "SHA-256 over the contents, one behind another, each behind its u16 length",
        differs=Differs.BY_RUN,
    )
    contents: tuple[bytes, ...] = blobs("invoices", Holds.DOCUMENT)


@dataclass(frozen=True)
class LoadProgress:
    """The progress of the load."""

    stored: int = u16("documents of the load the reader now has")


LOAD_INVOICE = Command(
    Ins.LOAD_INVOICE,
    "Store prepared invoices of the open load; they count only once the load is committed.",
    Record(LoadedBatch),
    Record(LoadProgress),
    ssv="SSV_ChargerFacturesPdT",
    errors=(
        Status.CONDITIONS_NOT_SATISFIED,
        Status.DIGEST_MISMATCH,
        Status.INVOICE_CONFLICT,
        Status.NOT_OWNER,
        Status.TOO_MANY_OWNERS,
        Status.NO_FREE_SLOT,
        Status.FUNCTION_NOT_SUPPORTED,
        Status.RECORD_DAMAGED,
    ),
    changes=True,
    in_batches=True,
    vectors=(
        (
            LoadedBatch(2, DocumentKind.FSE, SecurityMode.SECURED, bytes(32), (b"ab", b"c")),
            "00020101" + "00" * 32 + "02" + "00026162" + "000163",
        ),
        (LoadProgress(3), "0003"),
    ),
)


@dataclass(frozen=True)
class LoadCommit:
    """The load to make valid."""

    load_id: bytes = fixed(16, "identifier of the load", differs=Differs.BY_RUN)
    count: int = u16("documents it must have")


COMMIT_LOAD = Command(
    Ins.COMMIT_LOAD,
    "Make the open load valid, whole or not at all; repeating it changes nothing.",
    Record(LoadCommit),
    Record(LoadProgress),
    ssv="SSV_ChargerFacturesPdT",
    errors=(Status.CONDITIONS_NOT_SATISFIED, Status.INVOICE_CONFLICT, Status.NO_FREE_SLOT),
    changes=True,
    vectors=((LoadCommit(bytes(16), 4), "00" * 16 + "0004"),),
)


@dataclass(frozen=True)
class ListRequest:
    """The part of the list that is wanted."""

    owner: str = string("billing number, empty for all owners")
    first: int = u16("position of the first entry wanted", differs=Differs.BY_BATCH)


@dataclass(frozen=True)
class ListedDocument:
    """One document on board."""

    number: str = string("invoice number")
    kind: DocumentKind = choice(DocumentKind, "FSE or DRE")
    state: InvoiceState = choice(InvoiceState, "LOADED, PARTIAL, COMPLETE or CANCELLED")
    fingerprint: bytes = fixed(8, "first 8 bytes of the SHA-256 of its content", differs=Differs.BY_RUN)
    size: int = u16("content in bytes", differs=Differs.BY_RUN)


@dataclass(frozen=True)
class OwnerDocuments:
    """An owner's documents on board, or some of them."""

    owner: str = string("billing number")
    documents: tuple[ListedDocument, ...] = records(ListedDocument, "in order of number and kind")


@dataclass(frozen=True)
class DocumentList:
    """A part of the list, in order of owner, number and kind."""

    total: int = u16("documents in the whole list")
    owners: tuple[OwnerDocuments, ...] = records(OwnerDocuments, "from the position asked for")


LIST_INVOICES = Command(
    Ins.LIST_INVOICES,
    "List what is on board: owner, number, kind, state and fingerprint.",
    Record(ListRequest),
    Record(DocumentList),
    in_batches=True,
    vectors=(
        (ListRequest("", 0), "000000"),
        (
            DocumentList(
                1,
                (
                    OwnerDocuments(
                        "1",
                        (ListedDocument("2", DocumentKind.FSE, InvoiceState.LOADED, bytes(8), 9),),
                    ),
                ),
            ),
            "00010001" + "0131" + "0001" + "0132" + "0101" + "00" * 8 + "0009",
        ),
    ),
)
