"""An invoice's supporting documents as the desk's screen shows them: what there is, and what may be done."""

from __future__ import annotations

from dataclasses import dataclass

from tla_sim.host.desk.marks import held_lines
from tla_sim.host.desk.pieces import (
    Travel,
    not_degraded,
    pieces_closed,
    prescription_mark,
    sheet_mark,
    sheet_scanned,
)
from tla_sim.host.desk.same_prescription import same_prescription
from tla_sim.host.ledger.desk_model import Piece, PieceRole, SignatureSetting
from tla_sim.host.ledger.files import closed_among
from tla_sim.host.ledger.ledger import Ledger, LedgerDocument
from tla_sim.host.ledger.marks import mark_of
from tla_sim.host.ledger.pieces import pieces_of, signature_setting
from tla_sim.protocol.documents.fse import SecurityMode


@dataclass(frozen=True)
class InvoicePieces:
    """An invoice's pieces, how its prescription and its sheet travel, and its owner's signature.

    `closed` is why nothing of it can change any more, `no_sheet` why it has no care sheet, `scanned` why its
    sheet cannot go on paper; each is empty otherwise. `same_prescription` has the other invoices of its
    prescription whose pieces may still change.
    """

    line: LedgerDocument
    pieces: tuple[Piece, ...]
    prescription: Travel
    sheet: Travel
    on_paper: bool
    signature: SignatureSetting
    closed: str
    no_sheet: str
    scanned: str
    same_prescription: tuple[LedgerDocument, ...]


def invoice_pieces(ledger: Ledger, number: str, owner: str = "") -> InvoicePieces:
    """Return an invoice's pieces. Raises `UnknownInvoice`, `DeskRefused` for two owners, `LedgerUnusable`."""
    line = held_lines(ledger, number, owner)[0]
    pieces = pieces_of(ledger, line.owner, number)
    sheets = [each for each in pieces if each.role is PieceRole.CARE_SHEET]
    on_paper = mark_of(ledger, line.owner, number).on_paper
    signature = signature_setting(ledger, line.owner)
    signs = signature.image is not None and signature.switched_on
    degraded = line.mode is SecurityMode.DEGRADED
    return InvoicePieces(
        line=line,
        pieces=pieces,
        prescription=prescription_mark(
            line.prescribed_on is not None, any(each.role is PieceRole.PRESCRIPTION for each in pieces)
        ),
        sheet=sheet_mark(line.mode, bool(sheets), signs, on_paper),
        on_paper=on_paper,
        signature=signature,
        closed=pieces_closed(number).message if closed_among(ledger, [(line.owner, number)]) else "",
        no_sheet="" if degraded else not_degraded(number).message,
        scanned=sheet_scanned(number, sheets[0]).message if sheets else "",
        same_prescription=same_prescription(ledger, line),
    )
