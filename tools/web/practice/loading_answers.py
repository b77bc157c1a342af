"""What the screens of loading and unloading are told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final, Literal

from pydantic import Field

from tla_sim.host.desk.load_outlook import Loadable, LoadOutlook, OwnerLoad, takes_several
from tla_sim.host.documents import DocumentOnBoard
from tla_sim.host.ledger.ledger import LedgerDocument
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import DocumentKind, SecurityMode
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.names import fold_name
from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.web.api.model import Told
from tla_sim.tools.web.practice.at_reader import AtReader
from tla_sim.tools.web.practice.home_answers import SignatureDue
from tla_sim.tools.web.surgery.answers import Kind, Say, WhyNot, kind_word, why_not
from tla_sim.tools.web.surgery.share_answers import OnBoard

LoadPlace = Literal["waits", "loaded", "elsewhere", "desk", "refused"]
BoardState = Literal["loaded", "partial", "complete", "cancelled", "unknown"]


_MOST_TO_SIGN: Final = 500


class OwnerToLoad(Told):
    """What waits of an owner: invoices, the documents that these make, patients and total in cents; `loaded`
    counts the invoices that are on this reader."""

    owner: str
    name: str
    invoices: int
    documents: int
    patients: int
    total: int
    loaded: int


class InvoiceToLoad(Told):
    """An invoice of the owner: it waits to be loaded, is on this reader or elsewhere (`reader`), is signed at
    the desk, or is refused (`problem`)."""

    number: str
    patient: str
    date: date
    total: int
    kinds: list[Kind]
    degraded: bool
    place: LoadPlace
    reader: str
    problem: WhyNot | None


class LoadingNow(Told):
    """What would go into a reader.

    `asked` is false while the practice is at work with it, `problem` says why it does not answer; `version`
    is empty then. `others` have invoices for the same patients that are not loaded; `others_why` says why
    they cannot be loaded with them. `left_out` counts the DREs that this version does not take. `cannot` is
    why nothing of this owner's can be loaded now. `lines` are a window of `count`.
    """

    asked: bool
    problem: WhyNot | None
    version: str
    several_owners: bool
    on_board: int
    most: int
    owners: list[OwnerToLoad]
    owner: str
    count: int
    start: int
    lines: list[InvoiceToLoad]
    left_out: int
    others: list[OwnerToLoad]
    others_why: WhyNot | None
    cannot: WhyNot | None


class DocumentOnReader(Told):
    """A document on a reader. The patient is empty where the ledger does not know the document, and the state
    unknown where the reader was not asked."""

    owner: str
    name: str
    number: str
    kind: Kind
    patient: str
    date: date | None
    total: int | None
    state: BoardState


class OnReaderNow(Told):
    """What is on a reader: a window of its documents by patient, and how many are in which state, none when
    it was not asked. `cannot` is why nothing can be brought back now."""

    count: int
    start: int
    documents: list[DocumentOnReader]
    states: OnBoard | None = Field(description="None when the reader was not asked.")
    cannot: WhyNot | None


class SignaturesDue(Told):
    """What waits for whose final signature. `cannot` is why nothing can be signed now."""

    due: list[SignatureDue]
    cannot: WhyNot | None


class DocumentToSign(Told):
    """A document that waits for its owner's final signature, and what it claims in cents."""

    number: str
    kind: Kind
    patient: str
    date: date
    total: int


class DocumentsToSign(Told):
    """An owner's documents that wait for the final signature, at most 500 of `count`, by patient."""

    count: int
    documents: list[DocumentToSign]


def loading_now(
    outlook: LoadOutlook,
    owner: str,
    found: AtReader | TlaError | None,
    cannot: TlaError | None,
    *,
    start: int,
    limit: int,
    serial: str,
    names: Mapping[str, str],
    say: Say,
) -> LoadingNow:
    """Word what would go into a reader, last known by its serial number; `names` are all by theirs."""
    at = found if isinstance(found, AtReader) else None
    serial = serial if at is None else at.identity.serial_number
    several = at is not None and takes_several(at.identity)
    version = "" if at is None else f"{at.identity.major}.{at.identity.minor:02}"
    return LoadingNow(
        asked=found is not None,
        problem=why_not(found, say) if isinstance(found, TlaError) else None,
        version=version,
        several_owners=several,
        on_board=0 if at is None else at.health.invoices,
        most=0 if at is None else at.health.max_invoices,
        owners=[_owner(each) for each in outlook.owners],
        owner=owner,
        count=len(outlook.lines),
        start=start,
        lines=[_line(each, serial, names, say) for each in outlook.lines[start : start + limit]],
        left_out=outlook.left_out,
        others=[_owner(each) for each in outlook.others],
        others_why=None if several or at is None or not outlook.others else _one_owner(version, say),
        cannot=None if cannot is None else why_not(cannot, say),
    )


def on_reader_now(
    lines: Iterable[LedgerDocument],
    listed: Sequence[DocumentOnBoard] | None,
    cannot: TlaError | None,
    *,
    start: int,
    limit: int,
    say: Say,
) -> OnReaderNow:
    """Word what is on a reader."""
    known = {each.id: each for each in lines}
    if listed is None:
        documents = [_document(each, known, None) for each in known]
    else:
        documents = [_document(each.id, known, each.state) for each in listed]
    documents.sort(key=lambda each: (fold_name(each.patient), each.patient, each.name, each.number))
    counts = Counter(each.state for each in documents)
    return OnReaderNow(
        count=len(documents),
        start=start,
        documents=documents[start : start + limit],
        states=None
        if listed is None
        else OnBoard(
            loaded=counts["loaded"],
            partial=counts["partial"],
            complete=counts["complete"],
            cancelled=counts["cancelled"],
        ),
        cannot=None if cannot is None else why_not(cannot, say),
    )


def signatures_due(
    due: Iterable[tuple[str, str, int, int]], cannot: TlaError | None, say: Say
) -> SignaturesDue:
    """Word what waits for final signatures: billing number, name, count and cents of each owner."""
    return SignaturesDue(
        due=[
            SignatureDue(owner=owner, name=name, count=count, total=total)
            for owner, name, count, total in due
        ],
        cannot=None if cannot is None else why_not(cannot, say),
    )


def documents_to_sign(lines: Iterable[LedgerDocument]) -> DocumentsToSign:
    """Word what waits for an owner's final signature."""
    found = sorted(lines, key=lambda each: (fold_name(each.patient), each.patient, each.number, each.kind))
    return DocumentsToSign(
        count=len(found),
        documents=[
            DocumentToSign(
                number=each.number,
                kind=kind_word(each.id),
                patient=each.patient,
                date=each.made_on,
                total=each.total if each.kind is DocumentKind.FSE else each.complementary,
            )
            for each in found[:_MOST_TO_SIGN]
        ],
    )


def _one_owner(version: str, say: Say) -> WhyNot:
    return WhyNot(
        detail=say(
            Sentence("This reader (version {version}) takes one owner's invoices at a time", version=version)
        ),
        action=say(Sentence("Update it to version 1.40 to load those of other owners too")),
        code="one-owner-at-a-time",
    )


def _owner(each: OwnerLoad) -> OwnerToLoad:
    return OwnerToLoad.model_validate(each, from_attributes=True)


def _line(each: Loadable, serial: str, names: Mapping[str, str], say: Say) -> InvoiceToLoad:
    return InvoiceToLoad(
        number=each.number,
        patient=each.patient,
        date=each.made_on,
        total=each.total,
        kinds=[kind_word(document) for document in each.documents],
        degraded=each.mode is SecurityMode.DEGRADED,
        place=_place(each, serial),
        reader=names.get(each.reader, each.reader),
        problem=None if each.problem is None else why_not(each.problem, say),
    )


def _place(each: Loadable, serial: str) -> LoadPlace:
    if each.problem is not None:
        return "refused"
    if each.at_desk:
        return "desk"
    if not each.reader:
        return "waits"
    return "loaded" if each.reader == serial else "elsewhere"


def _document(
    name: DocumentId, known: Mapping[DocumentId, LedgerDocument], state: InvoiceState | None
) -> DocumentOnReader:
    line = known.get(name)
    return DocumentOnReader(
        owner=name.owner,
        name=name.owner if line is None else line.owner_name,
        number=name.number,
        kind=kind_word(name),
        patient="" if line is None else line.patient,
        date=None if line is None else line.made_on,
        total=None if line is None else line.total,
        state="unknown" if state is None else _STATES.get(state, "unknown"),
    )


_STATES: dict[InvoiceState, BoardState] = {
    InvoiceState.LOADED: "loaded",
    InvoiceState.PARTIAL: "partial",
    InvoiceState.COMPLETE: "complete",
    InvoiceState.CANCELLED: "cancelled",
}
