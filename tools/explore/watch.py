"""The memory of a round: what was seen and reported so far, against which each later look is checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from tla_sim.host.ledger.ledger import Ledger, LedgerState
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import DocumentKind, Fse, SecurityMode
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.tools.explore.people import CANCELLED, OWNERS, documents
from tla_sim.tools.explore.world import World
from tla_sim.tools.judge.board import CERTIFIED
from tla_sim.tools.judge.ledger import (
    Board,
    LedgerLine,
    check_cancelled_kept,
    check_certified_kept,
    check_content,
    check_kept,
    check_line,
    check_one_form,
    check_pair,
    look,
    read_ledger,
)
from tla_sim.tools.judge.signatures import Counters, Vouched
from tla_sim.tools.judge.violation import Violation

UNSIGNED: Final = {
    each.id: Fse(DocumentKind.FSE, SecurityMode.SECURED, each.content).build() for each in documents()
}
"""Each document as it was pushed, unsigned."""


class Watch:
    """Remembers what was seen and reported; `see` raises Violation when that no longer holds.

    `signed_told` is how many invoices the screen reported as signed.
    """

    def __init__(self, used_counter: int = 0) -> None:
        self.signed_told = 0
        self._loaded: dict[DocumentId, None] = {}
        self._cancelled: dict[DocumentId, None] = {}
        self._fse: dict[DocumentId, bytes] = {}
        self._counters = Counters(used_counter)
        self._vouched = Vouched()

    def told_loaded(self, owner: str) -> None:
        """Note that the host was told that all invoices of an owner are on board."""
        for each in documents():
            if each.invoice.owner == owner:
                self._loaded[each.id] = None

    def remember(self, lines: Mapping[DocumentId, LedgerLine], signed: Iterable[bytes]) -> None:
        """Take as seen what a ledger held before the fault, and FSEs that may have been signed by then."""
        for document, line in lines.items():
            if line.fse:
                self._fse[document] = line.fse
        for content in (*signed, *(line.fse for line in lines.values() if line.fse)):
            for block in Fse.parse(content).blocks:
                self._counters.known(block)

    def raise_counter(self, counter: int) -> None:
        """Note that counters up to this one were given out."""
        self._counters.highest = max(self._counters.highest, counter)

    def see_world(self, world: World) -> None:
        """Check reader and ledger of a world. Raises Violation."""
        with Ledger.open(world.ledger_path) as ledger:
            lines = read_ledger(ledger)
        self.see(look(world.reader), lines)

    def see(self, board: Board, lines: Mapping[DocumentId, LedgerLine]) -> None:
        """Check what a reader and a ledger hold at one moment. Raises Violation."""
        for document in (*board, *lines):
            if document not in UNSIGNED:
                raise Violation("life", "a document was never pushed", document.name)
        for document, unsigned in UNSIGNED.items():
            state, content = board.get(document, (None, b""))
            line = lines.get(document, LedgerLine(LedgerState.PREPARED, b""))
            check_pair(document, state, line.state)
            self._check_life(document, state, line.state)
            check_content(document, unsigned, state, content, line)
            if state in CERTIFIED:
                self._see_fse(document, content)
            if line.fse:
                self._see_fse(document, line.fse)
                check_line(document, line.state, self._vouched.fse(line.fse))
        certified = sum(document in self._fse for document in UNSIGNED)
        if certified < self.signed_told:
            raise Violation(
                "life",
                "fewer are certified than reported",
                "{certified} of {told}",
                certified=certified,
                told=self.signed_told,
            )
        self._counters.settle()

    def _check_life(self, document: DocumentId, state: InvoiceState | None, held: LedgerState) -> None:
        if state is not None:
            self._loaded[document] = None
        if InvoiceState.CANCELLED is state or held is LedgerState.CANCELLED:
            self._cancelled[document] = None
        if document in self._loaded:
            check_kept(document, state, held)
        if document in self._fse:
            check_certified_kept(document, state, held)
        if document in self._cancelled:
            check_cancelled_kept(document, state, held)

    def _see_fse(self, document: DocumentId, content: bytes) -> None:
        self._fse[document] = check_one_form(document, self._fse.get(document, b""), content)
        if content not in self._vouched:
            for block in self._vouched.fse(content).fse.blocks:
                self._counters.see(block)

    def finish(self, world: World) -> None:
        """Check the end of the round: all documents left but the cancelled one, and none is on board."""
        self.see_world(world)
        with Ledger.open(world.ledger_path) as ledger:
            ledger.check()
            lines = read_ledger(ledger)
        if board := look(world.reader):
            raise Violation("round", "documents are still on board after it", len(board))
        for document in UNSIGNED:
            wanted = LedgerState.CANCELLED if document == CANCELLED else LedgerState.TRANSMITTED
            if lines[document].state is not wanted:
                raise Violation(
                    "round",
                    "a document is in the wrong state at the end",
                    "{document}: {held}",
                    document=document.name,
                    held=lines[document].state.name,
                )
        files = sorted(path.read_bytes() for path in world.outbox.directory.glob("[!.]*"))
        if files != sorted(line.fse for line in lines.values() if line.fse):
            raise Violation("round", "what was transmitted is not what the ledger holds")
        for owner in OWNERS:
            code = world.card_images[owner.name].code
            if code is None or code.tries_left != 3:
                raise Violation("round", "a card lost tries though its code was given", owner.name)
