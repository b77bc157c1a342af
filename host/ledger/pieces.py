"""The pieces of invoices and the signatures of owners, by the digests of contents that are kept beside the
ledger. What writes belongs into a `writing`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

from tla_sim.host.ledger.desk_model import InvoiceName, Piece, PieceRole, SignatureSetting
from tla_sim.host.ledger.invoice_names import NAMED, NAMED_NUMBER, NAMED_OWNER, named
from tla_sim.host.ledger.ledger import Ledger

_MENTIONED: Final = (
    "SELECT 1 WHERE EXISTS (SELECT 1 FROM pieces WHERE digest = ?)"
    " OR EXISTS (SELECT 1 FROM signatures WHERE image = ?)"
    " OR EXISTS (SELECT 1 FROM files WHERE digest = ?)"
)

_PIECE: Final = "p.digest, p.name, p.pages, p.size, a.role, l.numbers, l.original"
_ATTACHED: Final = "JOIN pieces p ON p.digest = a.piece LEFT JOIN left_out l ON l.piece = p.digest"
_IN_ORDER: Final = "ORDER BY a.role, p.name, p.digest"


def mentions(ledger: Ledger, digest: bytes) -> bool:
    """Return whether a content is a piece, a signature or a file of the ledger."""
    return ledger.database.first(_MENTIONED, (digest, digest, digest)) is not None


def pieces_of(ledger: Ledger, owner: str, number: str) -> tuple[Piece, ...]:
    """Return what is attached to an invoice."""
    rows = ledger.database.rows(
        f"SELECT {_PIECE} FROM attached a {_ATTACHED} WHERE a.owner = ? AND a.number = ? {_IN_ORDER}",
        (owner, number),
    )
    return tuple(_piece(row) for row in rows)


def pieces_of_each(ledger: Ledger, invoices: Collection[InvoiceName]) -> dict[InvoiceName, tuple[Piece, ...]]:
    """Return what is attached to each of some invoices; one without pieces is left out."""
    rows = ledger.database.rows(
        f"SELECT a.owner, a.number, {_PIECE} FROM {NAMED} CROSS JOIN attached a {_ATTACHED}"
        f" WHERE a.owner = {NAMED_OWNER} AND a.number = {NAMED_NUMBER} {_IN_ORDER}",
        named(invoices),
    )
    found: dict[InvoiceName, list[Piece]] = {}
    for owner, number, *row in rows:
        found.setdefault((owner, number), []).append(_piece(row))
    return {name: tuple(pieces) for name, pieces in found.items()}


def piece_name(ledger: Ledger, digest: bytes) -> str | None:
    """Return the name of a document that is or was attached to an invoice, `None` if there is none of this
    digest: signatures and files of lots are no such documents."""
    row = ledger.database.first("SELECT name FROM pieces WHERE digest = ?", (digest,))
    return None if row is None else row[0]


def _piece(row: Sequence[Any]) -> Piece:
    digest, name, pages, size, role, numbers, original = row
    return Piece(digest, name, pages, size, PieceRole(role), _numbers(numbers), original)


def _numbers(text: str | None) -> tuple[int, ...]:
    """Return the numbers of pages, whatever a damaged file has in their place."""
    found = (text or "").split(",")
    return tuple(int(each) for each in found if each.isdecimal() and len(each) < 4)


def with_pieces(ledger: Ledger) -> frozenset[InvoiceName]:
    """Return the invoices that have pieces."""
    return frozenset(ledger.database.rows("SELECT DISTINCT owner, number FROM attached"))


def with_piece(ledger: Ledger, role: PieceRole) -> frozenset[InvoiceName]:
    """Return the invoices that have a piece in a role."""
    return frozenset(ledger.database.rows("SELECT owner, number FROM attached WHERE role = ?", (int(role),)))


def put_piece(ledger: Ledger, digest: bytes, name: str, pages: int, size: int) -> None:
    """Note a kept document, unless it is there."""
    ledger.database.write(
        "INSERT OR IGNORE INTO main.pieces VALUES (?, ?, ?, ?, ?)",
        (digest, name, pages, size, ledger.database.moment),
    )


def put_left_out(ledger: Ledger, digest: bytes, original: bytes, numbers: Sequence[int]) -> None:
    """Note of which document a piece is, and which of its pages it lacks."""
    ledger.database.write(
        "INSERT OR REPLACE INTO main.left_out VALUES (?, ?, ?)",
        (digest, original, ",".join(str(each) for each in numbers)),
    )


def put_attached(ledger: Ledger, owner: str, number: str, digest: bytes, role: PieceRole) -> bool:
    """Attach a piece to an invoice in a role; return whether it was not already."""
    done = ledger.database.write(
        "INSERT INTO main.attached VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET role = excluded.role"
        " WHERE role <> excluded.role",
        (owner, number, digest, int(role)),
    )
    return done.rowcount > 0


def remove_attached(ledger: Ledger, owner: str, number: str, digest: bytes) -> None:
    """Take a piece off an invoice; it stays kept."""
    ledger.database.write(
        "DELETE FROM main.attached WHERE owner = ? AND number = ? AND piece = ?", (owner, number, digest)
    )


def copy_pieces(ledger: Ledger, owner: str, number: str, new_number: str) -> None:
    """Attach an invoice's pieces, all but its care sheet, to another one of its owner."""
    ledger.database.write(
        "INSERT OR IGNORE INTO main.attached SELECT owner, ?, piece, role FROM attached"
        " WHERE owner = ? AND number = ? AND role <> ?",
        (new_number, owner, number, int(PieceRole.CARE_SHEET)),
    )


def signature_setting(ledger: Ledger, owner: str) -> SignatureSetting:
    """Return the setting of a billing number's PS; off when there is none."""
    row = ledger.database.first("SELECT image, digital FROM signatures WHERE owner = ?", (owner,))
    return SignatureSetting() if row is None else SignatureSetting(row[0], row[1] == 1)


def put_signature(ledger: Ledger, owner: str, image: bytes) -> None:
    """Register an image as an owner's signature, switched on, in the place of an earlier one."""
    ledger.database.write(
        "INSERT OR REPLACE INTO main.signatures VALUES (?, ?, ?)", (owner, image, int(True))
    )


def switch_signature(ledger: Ledger, owner: str, on: bool) -> None:
    """Switch an owner's signature on or off."""
    ledger.database.write(
        "INSERT INTO main.signatures VALUES (?, NULL, ?)"
        " ON CONFLICT DO UPDATE SET digital = excluded.digital",
        (owner, int(on)),
    )


def digital_signers(ledger: Ledger) -> frozenset[str]:
    """Return the owners with a signature that is switched on."""
    rows = ledger.database.rows(
        "SELECT owner FROM signatures WHERE image IS NOT NULL AND digital = ?", (int(True),)
    )
    return frozenset(owner for (owner,) in rows)
