"""What must hold of a reader and a ledger together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from tla_sim.host.client import ReaderClient
from tla_sim.host.ledger.ledger import Ledger, LedgerState
from tla_sim.host.ledger.model import CERTIFIED
from tla_sim.host.transport.in_process import InProcessTransport
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.documents.verification import VerifiedFse
from tla_sim.protocol.errors import TlaError
from tla_sim.reader_fw.reader import Reader, ReaderPort
from tla_sim.tools.judge.board import CERTIFIED as ON_BOARD_CERTIFIED
from tla_sim.tools.judge.violation import Violation

Board = Mapping[DocumentId, tuple[InvoiceState, bytes]]
"""What a reader holds: each document's state and bytes."""

_ALLOWED: Final[Mapping[LedgerState, tuple[InvoiceState, ...]]] = {
    LedgerState.PREPARED: (),
    LedgerState.LOADED: (InvoiceState.LOADED, *ON_BOARD_CERTIFIED, InvoiceState.CANCELLED),
    LedgerState.CANCELLED: (InvoiceState.CANCELLED,),
}
"""The states on board that fit a state in the ledger; only certified ones fit any other."""


class LedgerLine(NamedTuple):
    """What a ledger holds of a document."""

    state: LedgerState
    fse: bytes


def look(reader: Reader) -> Board:
    """Return what a reader lists to anybody, with the content in its memory. Raises Violation."""
    port = ReaderPort(reader, "look")
    found: dict[DocumentId, tuple[InvoiceState, bytes]] = {}
    store = reader.app.store
    for each in ReaderClient(InProcessTransport(port.exchange), bytes).list_documents():
        try:
            content = store.content(each.id)
        except TlaError as error:
            raise Violation(
                "life",
                "a document is listed and cannot be read",
                "{document}: {reason}",
                document=each.id.name,
                reason=error,
            ) from error
        if each.id in found:
            raise Violation("life", "a document is listed twice", each.id.name)
        found[each.id] = each.state, content
    return found


def read_ledger(ledger: Ledger) -> dict[DocumentId, LedgerLine]:
    """Return what a ledger holds."""
    return {
        line.id: LedgerLine(line.state, ledger.fse(line.id) if line.state in CERTIFIED else b"")
        for line in ledger.documents()
    }


def check_pair(document: DocumentId, state: InvoiceState | None, held: LedgerState) -> None:
    """The states of an invoice on the reader and in the ledger fit each other."""
    if state is not None and state not in _ALLOWED.get(held, ON_BOARD_CERTIFIED):
        raise Violation(
            "life",
            "reader and ledger contradict each other",
            "{document}: {held} in the ledger, {state} on board",
            document=document.name,
            held=held.name,
            state=state.name,
        )


def check_kept(document: DocumentId, state: InvoiceState | None, held: LedgerState) -> None:
    """What was on board is still there, or in the ledger."""
    if state is None and held in (LedgerState.PREPARED, LedgerState.LOADED):
        raise Violation("life", "what was on board is lost", document.name)


def check_certified_kept(document: DocumentId, state: InvoiceState | None, held: LedgerState) -> None:
    """What was certified is still certified, on board or in the ledger."""
    if state not in ON_BOARD_CERTIFIED and held not in CERTIFIED:
        raise Violation("life", "what was certified is lost", document.name)


def check_cancelled_kept(document: DocumentId, state: InvoiceState | None, held: LedgerState) -> None:
    """What was cancelled stays cancelled."""
    if InvoiceState.CANCELLED is not state and held is not LedgerState.CANCELLED:
        raise Violation(
            "life",
            "what was cancelled no longer is",
            "{document}: {held}",
            document=document.name,
            held=held.name,
        )


def check_content(
    document: DocumentId, unsigned: bytes, state: InvoiceState | None, content: bytes, line: LedgerLine
) -> None:
    """Content is what was pushed, to the byte, and the ledger has the bytes of what it calls certified."""
    certified = state in ON_BOARD_CERTIFIED
    if state is not None and not certified and content != unsigned:
        raise Violation("content", "a document on board is not what was pushed", document.name)
    for held in (content if certified else b"", line.fse):
        if held and not held.startswith(unsigned):
            raise Violation("content", "other content than was pushed is certified", document.name)
    if line.state in CERTIFIED and not line.fse:
        raise Violation("content", "the ledger has no bytes of a certified document", document.name)


def check_one_form(document: DocumentId, known: bytes, content: bytes) -> bytes:
    """No invoice has two certified forms: signatures are only added. Return the longer form."""
    if not content.startswith(known) and not known.startswith(content):
        raise Violation("content", "a document has two certified forms", document.name)
    return max(known, content, key=len)


def check_line(document: DocumentId, held: LedgerState, verified: VerifiedFse) -> None:
    """The ledger holds each FSE under its own name, and in the state that its signatures give it."""
    if verified.id != document:
        raise Violation("ledger", "the ledger holds another document's FSE", document.name)
    signed = verified.state.name
    sent = held is LedgerState.TRANSMITTED and verified.state in (InvoiceState.COMPLETE, InvoiceState.FINAL)
    if held.name != signed and not sent:
        raise Violation(
            "ledger",
            "the ledger and the signatures disagree about the state",
            "{held}, {signed}",
            held=held.name,
            signed=signed,
        )
