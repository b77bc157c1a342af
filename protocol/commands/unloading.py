"""Taking documents and beneficiaries off the reader: unload, acknowledge, erase.

Source: Project-defined, after the SSV functions named.
"""

from __future__ import annotations

from dataclasses import dataclass

from tla_sim.protocol.commands.declaration import Authentication, Command
from tla_sim.protocol.commands.instructions import Ins
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.kinds import DocumentKind
from tla_sim.protocol.wire.forms import Differs, Holds
from tla_sim.protocol.wire.record import (
    Record,
    blob16,
    fixed,
    records,
    string,
    u16,
)


@dataclass(frozen=True)
class UnloadRequest:
    """The documents that are wanted."""

    max_bytes: int = u16(
        "content wanted in one answer; one document comes however long it is", differs=Differs.BY_BATCH
    )
    documents: tuple[DocumentId, ...] = records(
        DocumentId, "in the order wanted; none: the next ones the card may take, not yet given on this link"
    )


@dataclass(frozen=True)
class UnloadedDocument:
    """One document, or the status that says why it is withheld."""

    status: int = u16("9000, or the status word for this document", Holds.STATUS)
    content: bytes = blob16("the FSE; the invoice of a CANCELLED one; empty on error", Holds.DOCUMENT)


@dataclass(frozen=True)
class UnloadedDocuments:
    """The first of the documents asked for, as many as fit; empty when there is nothing left to give."""

    documents: tuple[UnloadedDocument, ...] = records(UnloadedDocument, "answers in the order asked")


UNLOAD_FSE = Command(
    Ins.UNLOAD_FSE,
    "Return certified FSEs to their owner or to a card that signed them; they stay until acknowledged.",
    Record(UnloadRequest),
    Record(UnloadedDocuments),
    ssv="SSV_DechargerFacturesPdT, SSV_DechargerFSETLA",
    needs=Authentication.PS_CODE,
    in_batches=True,
    vectors=(
        (UnloadRequest(9, (DocumentId("1", "2", DocumentKind.FSE),)), "000900010131013201"),
        (UnloadedDocuments((UnloadedDocument(0x9000, b"x"),)), "00019000000178"),
    ),
)


@dataclass(frozen=True)
class Acknowledgement:
    """The documents that the host has on disk."""

    digest: bytes = fixed(
        32, "SHA-256 over the fingerprints of their contents, in order", differs=Differs.BY_RUN
    )
    documents: tuple[DocumentId, ...] = records(
        DocumentId, "which; none: all that the last unload_fse on this link gave"
    )


@dataclass(frozen=True)
class Acknowledged:
    """How many documents left the reader; those already gone do not count."""

    removed: int = u16("documents removed", differs=Differs.ADDS_UP)


ACKNOWLEDGE_FSE = Command(
    Ins.ACKNOWLEDGE_FSE,
    "Remove documents that the host has on disk, all or none; those already gone are ignored.",
    Record(Acknowledgement),
    Record(Acknowledged),
    ssv="SSV_DechargerFSETLA",
    needs=Authentication.PS_CODE,
    errors=(
        Status.DIGEST_MISMATCH,
        Status.INVOICE_STATE,
        Status.NOT_OWNER,
        Status.CONDITIONS_NOT_SATISFIED,
        Status.RECORD_DAMAGED,
    ),
    changes=True,
    in_batches=True,
    confirms=Ins.UNLOAD_FSE,
    vectors=(
        (
            Acknowledgement(bytes(32), (DocumentId("1", "2", DocumentKind.FSE),)),
            "00" * 32 + "00010131013201",
        ),
        (Acknowledged(1), "0001"),
    ),
)


@dataclass(frozen=True)
class EraseRequest:
    """The owner whose documents are erased."""

    owner: str = string("billing number")


ERASE = Command(
    Ins.ERASE,
    "Erase an owner's documents; certified ones that were not pulled only with the owner's card.",
    Record(EraseRequest),
    Record(Acknowledged),
    ssv="SSV_EffacerTLA",
    needs=Authentication.PS_CODE,
    errors=(Status.NOT_ACKNOWLEDGED,),
    changes=True,
    vectors=((EraseRequest("1"), "0131"),),
)


@dataclass(frozen=True)
class BeneficiariesRequest:
    """The owner whose patients are wanted."""

    owner: str = string("billing number")


@dataclass(frozen=True)
class Beneficiaries:
    """The patients met on the round, as read from their Vitale cards."""

    groups: bytes = blob16(
        "for each Vitale card read: 101, then 104 to 109 of the beneficiaries billed", Holds.GROUPS
    )


UNLOAD_BENEFICIARIES = Command(
    Ins.UNLOAD_BENEFICIARIES,
    "Return identity and rights of the owner's patients as read from their Vitale cards on the round.",
    Record(BeneficiariesRequest),
    Record(Beneficiaries),
    ssv="SSV_DechargerBeneficiaires",
    needs=Authentication.PS_CODE,
    errors=(Status.NOT_OWNER, Status.RECORD_DAMAGED),
    vectors=((BeneficiariesRequest("1"), "0131"), (Beneficiaries(b""), "0000")),
)
