"""The state of an invoice at the desk: how it is billed, its documents, and its supporting documents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tla_sim.host.desk.pieces import Travel, prescription_mark, sheet_mark
from tla_sim.host.desk.signature_image import signature_of
from tla_sim.host.documents import documents_of
from tla_sim.host.ledger.desk_model import Mark, Piece, PieceRole
from tla_sim.host.ledger.ledger import DocumentFilter, Ledger, LedgerState
from tla_sim.host.ledger.marks import mark_of
from tla_sim.host.ledger.pieces import pieces_of
from tla_sim.protocol.documents.fse import DocumentKind, SecurityMode
from tla_sim.protocol.documents.invoice import PreparedInvoice
from tla_sim.protocol.sentence import Sentence as French


@dataclass(frozen=True)
class Standing:
    """How an invoice is billed and marked, the states of its documents (`None`: not in the ledger), its
    pieces, how its prescription and care sheet travel, and whether its PS signs sheets digitally."""

    mode: SecurityMode
    documents: tuple[tuple[DocumentKind, LedgerState | None], ...]
    mark: Mark
    pieces: tuple[Piece, ...]
    prescription: Travel
    sheet: Travel
    signs: bool = False

    @property
    def state(self) -> str:
        """The documents with their states, in one line."""
        return self.held(lambda state: state.name) or "not in the ledger"

    def held(self, word: Callable[[LedgerState], str]) -> str:
        """The documents in the ledger with the word for the state of each, empty for none."""
        return ", ".join(f"{kind.name} {word(state)}" for kind, state in self.documents if state is not None)

    @property
    def supporting(self) -> tuple[str, ...]:
        """The supporting documents, one line each, in French."""
        roles = [piece.role for piece in self.pieces]
        lines: list[str] = [
            French(
                "{role} : {name}, {pages} p. (SCOR)",
                role=French(_ROLES[piece.role]),
                name=piece.name,
                pages=piece.pages,
            )
            for piece in self.pieces
        ]
        if self.prescription is Travel.PAPER:
            lines.append("Ordonnance : sur papier")
        if self.sheet is Travel.PAPER:
            lines.append("Feuille de soins : sur papier")
        elif self.sheet is Travel.DIGITAL and PieceRole.CARE_SHEET not in roles:
            lines.append("Feuille de soins : numérique, faite à la mise en lot")
        return tuple(lines)


_ROLES: Final = {
    PieceRole.PRESCRIPTION: "Ordonnance",
    PieceRole.CARE_SHEET: "Feuille de soins",
    PieceRole.OTHER: "Document",
}


def standing(ledger: Ledger, invoice: PreparedInvoice) -> Standing:
    """Return the state of an invoice; one that is not in the ledger is billed secured.

    Raises `ContentDiffers` when its number names another invoice, `LedgerUnusable`, `PieceLost`.
    """
    ledger.check_number(invoice)
    lines = ledger.documents(DocumentFilter(owner=invoice.owner, numbers=(invoice.number,)))
    mode = lines[0].mode if lines else SecurityMode.SECURED
    documents: tuple[tuple[DocumentKind, LedgerState | None], ...] = tuple(
        (line.kind, line.state) for line in lines
    ) or tuple((each.kind, None) for each in documents_of(invoice))
    mark = mark_of(ledger, invoice.owner, invoice.number)
    pieces = pieces_of(ledger, invoice.owner, invoice.number)
    roles = [piece.role for piece in pieces]
    signs = signature_of(ledger, invoice.owner).usable is not None
    return Standing(
        mode,
        documents,
        mark,
        pieces,
        prescription_mark(invoice.prescription is not None, PieceRole.PRESCRIPTION in roles),
        sheet_mark(mode, PieceRole.CARE_SHEET in roles, signs, mark.on_paper),
        signs,
    )
