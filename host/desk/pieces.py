"""Supporting documents of invoices (SCOR): attached and kept once, with the two marks of the desk's lists.

Green: it travels digitally. Red: it must be sent on paper. None: the invoice needs none.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from enum import Enum
from pathlib import Path

from tla_sim.host.desk.errors import DeskRefused
from tla_sim.host.desk.marks import held_lines
from tla_sim.host.desk.piece_check import CheckedPiece, check_file, check_piece
from tla_sim.host.desk.piece_store import PieceStore
from tla_sim.host.ledger.desk_model import InvoiceName, Piece, PieceRole
from tla_sim.host.ledger.files import closed_among
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.ledger.marks import mark_of, put_on_paper
from tla_sim.host.ledger.pieces import (
    pieces_of,
    put_attached,
    put_left_out,
    put_piece,
    remove_attached,
)
from tla_sim.protocol.documents.fse import SecurityMode


class Travel(Enum):
    """How a supporting document travels."""

    DIGITAL = "green"
    PAPER = "red"
    NOT_NEEDED = ""


def attach(
    ledger: Ledger,
    path: str | os.PathLike[str],
    numbers: Sequence[str],
    role: PieceRole,
    owner: str = "",
    *,
    without_empty_pages: bool = False,
) -> tuple[Piece, tuple[str, ...]]:
    """Check a scanned document (PDF, JPEG or PNG) and attach it to one or several invoices.

    Return the piece as it is kept, and the numbers of the invoices that did not have it yet. It is kept once
    however often it is attached. A PDF with some empty pages is refused unless it is to travel without them;
    the original is then kept as well. Raises `EmptyPages`, which names them, `PieceRefused`,
    `UnknownInvoice`, and `DeskRefused` for an invoice that is in a lot already; nothing was changed then.

        >>> invoice = tla_sim.prepared_invoices(practice)[0]
        >>> _ = tla_sim.bill_degraded(ledger, invoice, tla_sim.Rights.ADR)
        >>> role = tla_sim.PieceRole.PRESCRIPTION
        >>> piece, new = tla_sim.attach(ledger, "prescription.png", [invoice.number], role)
        >>> new
        ('190305028',)
    """
    names = [invoice_to_complete(ledger, number, owner) for number in numbers]
    piece, new = _attach(ledger, check_file(Path(path), without_empty_pages), names, role)
    return piece, tuple(number for _, number in new)


def attach_scan(
    ledger: Ledger,
    raw: bytes,
    name: str,
    invoices: Sequence[InvoiceName],
    role: PieceRole,
    *,
    without_empty_pages: bool = False,
) -> tuple[Piece, tuple[InvoiceName, ...]]:
    """Do the same with the bytes of a scanned document, whose `name` is only shown. Raises as `attach`."""
    names = [invoice_to_complete(ledger, number, owner) for owner, number in invoices]
    return _attach(ledger, check_piece(raw, name, without_empty_pages), names, role)


def _attach(
    ledger: Ledger, checked: CheckedPiece, names: Sequence[InvoiceName], role: PieceRole
) -> tuple[Piece, tuple[InvoiceName, ...]]:
    contents = [checked.pdf] if checked.original is None else [checked.pdf, checked.original]
    original: bytes | None = None
    new: list[InvoiceName] = []
    with PieceStore(ledger).keeping(*contents) as kept, ledger.writing():
        digest = kept[0]
        put_piece(ledger, digest, checked.name, checked.pages, len(checked.pdf))
        if checked.original is not None:
            original = kept[1]
            pages = checked.pages + len(checked.left_out)
            put_piece(ledger, original, checked.name, pages, len(checked.original))
            put_left_out(ledger, digest, original, checked.left_out)
        for each in names:
            if put_attached(ledger, *each, digest, role):
                new.append(each)
    piece = Piece(digest, checked.name, checked.pages, len(checked.pdf), role, checked.left_out, original)
    return piece, tuple(new)


def detach(ledger: Ledger, number: str, digest_start: str, owner: str = "") -> Piece:
    """Detach a piece, named by the first hex digits of its digest, from an invoice, and return it; it stays
    kept.

    Raises `UnknownInvoice`, `DeskRefused`.
    """
    owner, number = invoice_to_complete(ledger, number, owner)
    found = [
        piece for piece in pieces_of(ledger, owner, number) if piece.digest.hex().startswith(digest_start)
    ]
    if len(found) != 1:
        raise DeskRefused(
            "{count} pieces of invoice {number} begin with {digest_start}",
            "Name the piece by more of its digest",
            count=len(found),
            number=number,
            digest_start=digest_start,
        )
    with ledger.writing():
        remove_attached(ledger, owner, number, found[0].digest)
    return found[0]


def invoice_to_complete(ledger: Ledger, number: str, owner: str = "") -> tuple[str, str]:
    """Return owner and number of an invoice whose pieces may still change.

    Raises `UnknownInvoice`, `DeskRefused`.
    """
    name = held_lines(ledger, number, owner)[0].owner, number
    if closed_among(ledger, [name]):
        raise pieces_closed(number)
    return name


def pieces_closed(number: str) -> DeskRefused:
    """Return why an invoice's pieces cannot change any more, as an error."""
    return DeskRefused(
        "Invoice {number} is in a lot already; its pieces cannot change",
        "Send others apart, on paper",
        number=number,
    )


def send_sheet_on_paper(ledger: Ledger, number: str, on_paper: bool, owner: str = "") -> str:
    """Set whether a degraded invoice's care sheet travels on paper or digitally signed; return the invoice's
    owner.

    Raises `UnknownInvoice`; `DeskRefused` for an invoice without a care sheet, in a lot already, or whose
    sheet was scanned and attached.
    """
    owner, number = invoice_to_complete(ledger, number, owner)
    if not mark_of(ledger, owner, number).degraded:
        raise not_degraded(number)
    for piece in pieces_of(ledger, owner, number):
        if on_paper and piece.role is PieceRole.CARE_SHEET:
            raise sheet_scanned(number, piece)
    with ledger.writing():
        put_on_paper(ledger, owner, number, on_paper)
    return owner


def not_degraded(number: str) -> DeskRefused:
    """Return why an invoice has no care sheet, as an error."""
    return DeskRefused(
        "Invoice {number} is not degraded", "Only a degraded invoice has a care sheet", number=number
    )


def sheet_scanned(number: str, piece: Piece) -> DeskRefused:
    """Return why a care sheet does not go on paper, as an error."""
    return DeskRefused(
        "The care sheet of invoice {number} was scanned and travels as {name}",
        "Detach the scan first",
        number=number,
        name=piece.name,
        piece=piece.digest.hex()[:8],
    )


def prescription_mark(prescribed: bool, attached: bool) -> Travel:
    """Return the mark of the column "ordonnance SCOR"."""
    if not prescribed:
        return Travel.NOT_NEEDED
    return Travel.DIGITAL if attached else Travel.PAPER


def sheet_mark(mode: SecurityMode, attached: bool, signed_digitally: bool, on_paper: bool) -> Travel:
    """Return the mark of the column "feuille de soins SCOR": a scan, or a sheet with the digitised
    signature."""
    if mode is not SecurityMode.DEGRADED:
        return Travel.NOT_NEEDED
    return Travel.DIGITAL if attached or (signed_digitally and not on_paper) else Travel.PAPER
