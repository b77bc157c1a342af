"""The invariants, checked from outside: what the reader lists and holds, what the ledger has, what was told.

An invoice is in exactly one of the states its history allows, on reader or ledger; content is what was
pushed, to the byte; no invoice ever has two certified forms; signature counters grow and none is used twice;
what the ledger holds verifies; what was told to anybody stays true.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from tla_sim.host.client import ReaderClient
from tla_sim.host.ledger.ledger import Ledger, LedgerState
from tla_sim.host.ledger.model import CERTIFIED
from tla_sim.host.transport.in_process import InProcessTransport
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import DocumentKind, Fse, SecurityMode
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.documents.verification import verify_fse
from tla_sim.protocol.errors import TlaError
from tla_sim.reader_fw.reader import Reader, ReaderPort
from tla_sim.tools.explore.people import CANCELLED, OWNERS, documents
from tla_sim.tools.explore.world import ANCHORS, World

ON_BOARD_CERTIFIED: Final = (InvoiceState.PARTIAL, InvoiceState.COMPLETE)

Board = Mapping[DocumentId, tuple[InvoiceState, bytes]]
"""What a reader holds: each document's state and bytes."""

UNSIGNED: Final = {
    each.id: Fse(DocumentKind.FSE, SecurityMode.SECURED, each.content).build() for each in documents()
}
"""What was pushed, to the byte."""


class LedgerLine(NamedTuple):
    """What a ledger has of a document."""

    state: LedgerState
    fse: bytes


class Violation(AssertionError):
    """An invariant does not hold."""


def look(reader: Reader) -> Board:
    """What a reader lists to anybody who asks, and what its memory holds under that. Raises Violation."""
    port = ReaderPort(reader, "look")
    found: dict[DocumentId, tuple[InvoiceState, bytes]] = {}
    store = reader.app.store
    for each in ReaderClient(InProcessTransport(port.exchange), bytes).list_documents():
        try:
            content = store.content(each.id)
        except TlaError as error:
            raise Violation(f"{each.id.name} is listed and cannot be read: {error}") from error
        if each.id in found:
            raise Violation(f"{each.id.name} is listed twice")
        found[each.id] = each.state, content
    return found


def read_ledger(ledger: Ledger) -> dict[DocumentId, LedgerLine]:
    """What a ledger has."""
    return {
        line.id: LedgerLine(line.state, ledger.fse(line.id) if line.state in CERTIFIED else b"")
        for line in ledger.documents()
    }


class Watch:
    """Remembers what was seen and told; `see` raises Violation when something seen before is not true now."""

    def __init__(self, used_counter: int = 0) -> None:
        self.signed_told = 0
        self._loaded: dict[DocumentId, None] = {}
        self._cancelled: dict[DocumentId, None] = {}
        self._fse: dict[DocumentId, bytes] = {}
        self._counters: dict[tuple[str, int], bytes] = {}
        self._highest = used_counter
        self._verified: dict[bytes, None] = {}

    def told_loaded(self, owner: str) -> None:
        """The host was told that all invoices of an owner are on board."""
        for each in documents():
            if each.invoice.owner == owner:
                self._loaded[each.id] = None

    def remember(self, lines: Mapping[DocumentId, LedgerLine], signed: Iterable[bytes]) -> None:
        """Take as seen what a ledger had before the fault, and FSEs that may have been signed by then."""
        for document, line in lines.items():
            if line.fse:
                self._fse[document] = line.fse
        for content in (*signed, *(line.fse for line in lines.values() if line.fse)):
            for block in Fse.parse(content).blocks:
                number = block.context.reader_serial, block.context.counter
                if number[1] <= self._highest:
                    self._counters[number] = block.signature

    def raise_counter(self, counter: int) -> None:
        """Counters up to this one were given out."""
        self._highest = max(self._highest, counter)

    def see_world(self, world: World) -> None:
        """Look at reader and ledger of a world."""
        with Ledger.open(world.ledger_path) as ledger:
            lines = read_ledger(ledger)
        self.see(look(world.reader), lines)

    def see(self, board: Board, lines: Mapping[DocumentId, LedgerLine]) -> None:
        """Check one moment."""
        fresh: dict[tuple[str, int], bytes] = {}
        for document in (*board, *lines):
            if document not in UNSIGNED:
                raise Violation(f"{document} was never pushed")
        for document, unsigned in UNSIGNED.items():
            state, content = board.get(document, (None, b""))
            line = lines.get(document, LedgerLine(LedgerState.PREPARED, b""))
            self._check_pair(document, state, line)
            self._check_content(document, unsigned, state, content, line)
            for held in (content if state in ON_BOARD_CERTIFIED else b"", line.fse):
                if held:
                    self._check_fse(document, held, fresh)
        certified = sum(document in self._fse for document in UNSIGNED)
        if certified < self.signed_told:
            raise Violation(f"{self.signed_told} were said to be signed, {certified} are")
        for number, signature in fresh.items():
            if number[1] <= self._highest:
                raise Violation(f"Counter {number[1]} came after {self._highest}")
            self._counters[number] = signature
        self._highest = max([self._highest, *(counter for _, counter in fresh)])

    def _check_pair(self, document: DocumentId, state: InvoiceState | None, line: LedgerLine) -> None:
        name = f"{document.number} of {document.owner}"
        held = line.state
        allowed: tuple[InvoiceState | None, ...]
        if held is LedgerState.PREPARED:
            allowed = (None,)
        elif held is LedgerState.LOADED:
            allowed = (None, InvoiceState.LOADED, *ON_BOARD_CERTIFIED, InvoiceState.CANCELLED)
        elif held is LedgerState.CANCELLED:
            allowed = (None, InvoiceState.CANCELLED)
        else:
            allowed = (None, *ON_BOARD_CERTIFIED)
        if state not in allowed:
            raise Violation(f"{name} is {held.name} in the ledger and {state and state.name} on board")
        gone = held in (LedgerState.PREPARED, LedgerState.LOADED)
        if state is None and gone and (document in self._loaded or document in self._fse):
            raise Violation(f"{name} was on board and is lost")
        if document in self._cancelled and InvoiceState.CANCELLED not in (state, held):
            raise Violation(f"{name} was given up and is {held.name}")
        if document in self._fse and state is InvoiceState.LOADED:
            raise Violation(f"{name} was certified and is LOADED again")
        if state is not None:
            self._loaded[document] = None
        if InvoiceState.CANCELLED in (state, held):
            self._cancelled[document] = None

    def _check_content(
        self,
        document: DocumentId,
        unsigned: bytes,
        state: InvoiceState | None,
        content: bytes,
        line: LedgerLine,
    ) -> None:
        name = f"{document.number} of {document.owner}"
        unsigned_states = (InvoiceState.LOADED, InvoiceState.CANCELLED)
        if state in unsigned_states and content != unsigned:
            raise Violation(f"{name} on board is not what was pushed")
        for held in (content if state in ON_BOARD_CERTIFIED else b"", line.fse):
            if held and not held.startswith(unsigned):
                raise Violation(f"{name} is certified with other content than was pushed")
        if line.state in CERTIFIED and not line.fse:
            raise Violation(f"{name} is {line.state.name} in the ledger without its bytes")

    def _check_fse(self, document: DocumentId, content: bytes, fresh: dict[tuple[str, int], bytes]) -> None:
        known = self._fse.get(document, b"")
        if not content.startswith(known) and not known.startswith(content):
            raise Violation(f"{document.number} of {document.owner} has two certified forms")
        if content in self._verified:
            return
        try:
            fse = verify_fse(Fse.parse(content), ANCHORS).fse
        except TlaError as error:
            raise Violation(f"{document.number} of {document.owner} does not verify: {error}") from error
        for block in fse.blocks:
            number = block.context.reader_serial, block.context.counter
            before = self._counters.get(number) or fresh.get(number)
            if before is None:
                fresh[number] = block.signature
            elif before != block.signature:
                raise Violation(f"Counter {number[1]} was used twice")
        self._fse[document] = max(known, content, key=len)
        self._verified[content] = None

    def finish(self, world: World) -> None:
        """The round is over: everything left but what was given up, and nothing is on board."""
        self.see_world(world)
        with Ledger.open(world.ledger_path) as ledger:
            ledger.check()
            lines = read_ledger(ledger)
        if board := look(world.reader):
            raise Violation(f"{len(board)} documents are still on board after the round")
        for document in UNSIGNED:
            wanted = LedgerState.CANCELLED if document == CANCELLED else LedgerState.TRANSMITTED
            if lines[document].state is not wanted:
                raise Violation(f"{document.name} ended as {lines[document].state.name}")
        files = sorted(path.read_bytes() for path in world.outbox.directory.glob("[!.]*"))
        if files != sorted(line.fse for line in lines.values() if line.fse):
            raise Violation("what left is not what the ledger holds")
        for owner in OWNERS:
            code = world.card_images[owner.name].code
            if code is None or code.tries_left != 3:
                raise Violation(f"the card of {owner.name} lost tries though its code was given")
