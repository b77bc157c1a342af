"""Making lots: what may leave, grouped by owner, recipient, kind and mode, signed, and put into files.

Every signature of every document is verified before its lot is signed, and a file is kept whole before the
ledger records it. From then on its documents are only in the list of files. Project-defined.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from tla_sim.host.client import ReaderClient
from tla_sim.host.desk.care_sheet import care_sheet
from tla_sim.host.desk.errors import DeskRefused
from tla_sim.host.desk.piece_store import PieceStore
from tla_sim.host.desk.signature_image import signature_of
from tla_sim.host.ledger.desk_model import NewFile, PieceRole
from tla_sim.host.ledger.files import last_lot, put_file, put_lot
from tla_sim.host.ledger.ledger import DocumentFilter, Ledger, LedgerDocument, LedgerState
from tla_sim.host.ledger.marks import marks
from tla_sim.host.ledger.model import HeldFse
from tla_sim.host.ledger.pieces import pieces_of, put_attached, put_piece, with_pieces
from tla_sim.host.progress import OnProgress, Progress, ignore_progress
from tla_sim.host.round.leaving import verify_leaving
from tla_sim.host.round.sign import PsCardHolder
from tla_sim.host.sending.lot_file import SignedLot, build_file
from tla_sim.host.sending.ready import (
    check_documents_ready,
    check_invoices_ready,
    check_signs_lots,
    missing_cards,
)
from tla_sim.protocol.commands.cards import PsCardData
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.documents.certificates import TrustAnchors
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import DocumentKind, SecurityMode, SignatureBlock
from tla_sim.protocol.documents.invoice import PreparedInvoice, digest
from tla_sim.protocol.documents.lot import MAX_LOT_DOCUMENTS, Lot, LotSignatureInvalid, verify_lot
from tla_sim.protocol.documents.verification import SignatureInvalid
from tla_sim.protocol.errors import CodecError, IncoherentAnswer, StatusError
from tla_sim.protocol.groups.lot import LotDocument, LotHeader, LotPiece
from tla_sim.protocol.sentence import Sentence

MAX_LOT_BYTES: Final = 12 * 1024 * 1024
MAX_FILE_BYTES: Final = 18 * 1024 * 1024
"""The size in bytes at which a file is full: most mail servers accept it. A single lot may exceed it."""

_SIGNED_AT_ONCE: Final = 32
_VERIFIED_AT_ONCE: Final = 250


@dataclass(frozen=True)
class MadeFile:
    """A file that now waits to be sent."""

    identity: str
    recipient: str
    kind: DocumentKind
    lots: int
    documents: int
    total: int


@dataclass(frozen=True)
class LeftOut:
    """A document that is in no lot, and the reason."""

    document: DocumentId
    reason: str


@dataclass(frozen=True)
class FilesMade:
    """The result of making lots.

    `elsewhere` has the owners of complete documents whose card is another one; `partial` the partially
    certified documents, of any owner, each with the missing card.
    """

    files: tuple[MadeFile, ...]
    left_out: tuple[LeftOut, ...]
    elsewhere: tuple[str, ...]
    partial: tuple[tuple[LedgerDocument, str], ...]


@dataclass(frozen=True)
class _Item:
    """A verified document with the pieces that travel with it."""

    line: LedgerDocument
    content: bytes
    digest: bytes
    claimed: int
    pieces: tuple[tuple[PieceRole, str], ...]
    weight: int


def make_lots(
    client: ReaderClient,
    ledger: Ledger,
    anchors: TrustAnchors | None = None,
    card: PsCardData | None = None,
    numbers: Sequence[str] = (),
    on_progress: OnProgress = ignore_progress,
    *,
    documents: Collection[DocumentId] = (),
    file_bytes: int = MAX_FILE_BYTES,
) -> FilesMade:
    """Make lots and files of what the authenticated card's owner may send; return the result.

    `anchors` are the authorities to trust, by default the shipped ones; `card` is the reader's answer about
    the card, if there is one already; `numbers` limits it to these invoices, `documents` to these documents,
    which must all be complete; `file_bytes` is the size at which a file is full. Raises `NotSignedYet` naming
    the missing card, `DeskRefused`, `StatusError`, `LinkError` and errors of the ledger, and
    `SignatureInvalid` or `CodecError` for one of `documents` that does not verify; no file is left half made.

        >>> reader.insert_ps("PIQURE2969")
        >>> reader.insert_vitale("MARTIN")
        >>> card = client.verify_code(reader.code)
        >>> _ = tla_sim.certify(client, ledger, tla_sim.prepared_invoices(practice)[0])
        >>> [file.documents for file in tla_sim.make_lots(client, ledger).files]
        [1]
    """
    anchors = anchors or TrustAnchors.shipped()
    holder = PsCardHolder.of(card or client.read_ps_card())
    check_signs_lots(holder)
    if numbers:
        check_invoices_ready(ledger, numbers, holder)
    check_documents_ready(ledger, documents, holder)
    ready = [
        each
        for each in ledger.transmissible()
        if (not numbers or each.line.number in numbers) and (not documents or each.line.id in documents)
    ]
    # Each is freed once it is verified: a parsed FSE takes several times its bytes.
    mine = deque(each for each in ready if each.line.owner in holder.signs_lots)
    elsewhere = dict.fromkeys(
        each.line.owner_name for each in ready if each.line.owner not in holder.signs_lots
    )
    left_out: list[LeftOut] = []
    work = _Work(ledger, anchors)
    items: list[_Item] = []
    del ready
    count, size = len(mine), sum(len(each.document.content) for each in mine)
    done = 0
    while mine:
        for _ in range(min(_VERIFIED_AT_ONCE, len(mine))):
            held = mine.popleft()
            done += len(held.document.content)
            try:
                items.append(work.item(held))
            except (SignatureInvalid, CodecError) as error:
                if documents:
                    raise
                left_out.append(LeftOut(held.line.id, error.message))
        on_progress(Progress("verify", count - len(mine), count, done, size))
    lots = work.lots(items)
    blocks = _sign(client, [lot for lot, _ in lots], anchors)
    signed = [
        (SignedLot(lot, block, tuple(each.content for each in part)), part)
        for (lot, part), block in zip(lots, blocks, strict=True)
    ]
    made = [work.keep(group) for group in _files(signed, file_bytes)]
    unsigned = () if numbers or documents else ledger.documents(DocumentFilter(states=(LedgerState.PARTIAL,)))
    partial = tuple((each, missing_cards(each)[-1]) for each in unsigned)
    return FilesMade(tuple(made), tuple(left_out), tuple(elsewhere), partial)


def _sign(client: ReaderClient, lots: Sequence[Lot], anchors: TrustAnchors) -> list[SignatureBlock]:
    """Return the card's signature over each lot, verified."""
    blocks: list[SignatureBlock] = []
    for first in range(0, len(lots), _SIGNED_AT_ONCE):
        part = lots[first : first + _SIGNED_AT_ONCE]
        for lot, answer in zip(part, client.sign_lots([lot.header_bytes() for lot in part]), strict=True):
            if answer.status != Status.OK:
                raise StatusError(
                    answer.status,
                    Sentence("Lot {number} of {owner}", number=lot.header.number, owner=lot.header.owner),
                )
            try:
                block = SignatureBlock.parse(answer.block)
                verify_lot(lot.header_bytes(), block, anchors)
            except (CodecError, LotSignatureInvalid) as error:
                raise IncoherentAnswer(error.message, "Nothing was kept; try another reader") from None
            blocks.append(block)
    return blocks


_LotWithItems = tuple[SignedLot, list[_Item]]


def _files(lots: Iterable[_LotWithItems], most: int) -> list[list[_LotWithItems]]:
    """Return the lots of one recipient and kind grouped into files of at most so many bytes."""
    files: dict[tuple[str, DocumentKind], list[list[_LotWithItems]]] = {}
    for each in lots:
        head = each[0].lot.header
        parts = files.setdefault((head.recipient, each[0].lot.kind), [[]])
        weight = sum(item.weight for _, items in [*parts[-1], each] for item in items)
        if parts[-1] and weight > most:
            parts.append([])
        parts[-1].append(each)
    return [part for parts in files.values() for part in parts]


class _Work:
    """One making of lots: what it has looked up, and what it keeps."""

    def __init__(self, ledger: Ledger, anchors: TrustAnchors) -> None:
        self._ledger = ledger
        self._anchors = anchors
        self._store = PieceStore(ledger)
        self._marks = marks(ledger)
        self._signatures: dict[str, bytes | None] = {}
        self._sheets: dict[str, tuple[str, str, bytes]] = {}
        self._with_pieces = with_pieces(ledger)

    def item(self, held: HeldFse) -> _Item:
        """Return a document, verified, with its pieces; a degraded invoice's care sheet is made here.

        Raises `SignatureInvalid`, `CodecError`.
        """
        line, verified = held.line, verify_leaving(held, self._anchors)
        pieces: list[tuple[PieceRole, str]] = []
        weight = len(verified.content)
        if (line.owner, line.number) in self._with_pieces:
            for piece in pieces_of(self._ledger, line.owner, line.number):
                pieces.append((piece.role, piece.digest.hex()))
                weight += piece.size
        if line.mode is SecurityMode.DEGRADED and PieceRole.CARE_SHEET not in dict(pieces):
            sheet = self._sheet(line, verified.invoice)
            if sheet is not None:
                pieces.append((PieceRole.CARE_SHEET, sheet[0]))
                weight += sheet[1]
        claimed = line.total if line.kind is DocumentKind.FSE else line.complementary
        return _Item(line, verified.content, verified.document.digest, claimed, tuple(pieces), weight)

    def _sheet(self, line: LedgerDocument, invoice: PreparedInvoice) -> tuple[str, int] | None:
        mark = self._marks.get((line.owner, line.number))
        if mark is not None and mark.on_paper:
            return None
        if line.owner not in self._signatures:
            self._signatures[line.owner] = signature_of(self._ledger, line.owner).usable
        image = self._signatures[line.owner]
        if image is None:
            return None
        made = care_sheet(invoice, image)
        name = digest(made).hex()
        self._sheets[name] = (line.owner, line.number, made)
        return name, len(made)

    def lots(self, items: Iterable[_Item]) -> list[tuple[Lot, list[_Item]]]:
        """Return the items as lots, numbered on from each owner's last."""
        groups: dict[tuple[str, str, DocumentKind, SecurityMode], list[list[_Item]]] = {}
        for each in items:
            line = each.line
            parts = groups.setdefault((line.owner, line.recipient, line.kind, line.mode), [[]])
            weight = sum(item.weight for item in parts[-1]) if each.pieces else 0
            if len(parts[-1]) == MAX_LOT_DOCUMENTS or weight + each.weight > MAX_LOT_BYTES:
                parts.append([])
            parts[-1].append(each)
        last: dict[str, int] = {}
        found = []
        for (owner, recipient, kind, mode), parts in groups.items():
            for part in parts:
                if owner not in last:
                    last[owner] = last_lot(self._ledger, owner)
                last[owner] += 1
                header = LotHeader(
                    number=last[owner],
                    owner=owner,
                    owner_name=part[0].line.owner_name,
                    recipient=recipient,
                    kind=int(kind),
                    mode=int(mode),
                )
                found.append((Lot.of(header, *_list_contents(part)), part))
        return found

    def keep(self, lots: Sequence[_LotWithItems]) -> MadeFile:
        """Keep a file beside the ledger, then record it with its lots in one transaction."""
        names = dict.fromkeys(name for _, items in lots for each in items for _, name in each.pieces)
        sheets = {name: self._sheets[name][2] for name in names if name in self._sheets}
        pieces = {name: sheets.get(name) or self._store.get(bytes.fromhex(name)) for name in names}
        made_at = self._ledger.now()
        identity, content = build_file(made_at, [lot for lot, _ in lots], pieces)
        head, kind = lots[0][0].lot.header, lots[0][0].lot.kind
        count = sum(lot.lot.header.count for lot, _ in lots)
        total = sum(lot.lot.header.total for lot, _ in lots)
        kept = self._store.keeping(content, *sheets.values())
        with kept as (name, *_), self._ledger.writing():
            new = NewFile(identity, kind, head.recipient, count, total, name, len(content), made_at)
            file = put_file(self._ledger, new)
            if file is None:
                raise _done_meanwhile()
            for signed, items in lots:
                header = signed.lot.header
                inside = {each.line.id: each.digest for each in items}
                if not put_lot(self._ledger, file, header.owner, header.number, inside):
                    raise _done_meanwhile()
                self._note_sheets(items)
        return MadeFile(identity, head.recipient, kind, len(lots), count, total)

    def _note_sheets(self, items: Iterable[_Item]) -> None:
        """Attach the care sheets that travel to their invoices, as pieces."""
        for each in items:
            for role, name in each.pieces:
                if role is PieceRole.CARE_SHEET and name in self._sheets:
                    owner, number, made = self._sheets[name]
                    key = bytes.fromhex(name)
                    put_piece(self._ledger, key, f"feuille-de-soins-{number}.pdf", 1, len(made))
                    put_attached(self._ledger, owner, number, key, role)


def _list_contents(items: Sequence[_Item]) -> tuple[list[LotDocument], list[LotPiece]]:
    documents = [
        LotDocument(number=each.line.number, total=each.claimed, digest=each.digest.hex()) for each in items
    ]
    pieces = [
        LotPiece(number=each.line.number, role=int(role), digest=name)
        for each in items
        for role, name in each.pieces
    ]
    return documents, pieces


def _done_meanwhile() -> DeskRefused:
    return DeskRefused(
        "Another program put some of these documents into a lot meanwhile", "Run the same command again"
    )
