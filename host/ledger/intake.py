"""The conditions for taking a reader's certified document into the ledger. Project-defined."""

from __future__ import annotations

from tla_sim.host.documents import OutgoingDocument
from tla_sim.host.ledger.errors import ContentDiffers, OtherFse, StepRefused
from tla_sim.host.ledger.model import STEPS, LedgerState
from tla_sim.host.ledger.queries import DocumentQueries
from tla_sim.host.ledger.reuse import describe_invoice
from tla_sim.host.ledger.rows import DocumentRows
from tla_sim.protocol.documents.invoice import PreparedInvoice, digest
from tla_sim.protocol.documents.verification import VerifiedFse
from tla_sim.protocol.sentence import Sentence


def room_for(
    queries: DocumentQueries, rows: DocumentRows, given: VerifiedFse, reader_serial: str
) -> int | None:
    """Return the row that an FSE from a reader goes into, made if there is none; `None` when it is held.

    Raises `ContentDiffers` for an invoice that is not the one on file, `OtherFse` for a second FSE of one,
    `StepRefused`.
    """
    document, fse = given.id, given.fse
    held = rows.find(document)
    if held is not None:
        if not held.carries(fse.mode, digest(fse.invoice_bytes)):
            ours = PreparedInvoice.parse(queries.invoice(document))
            raise ContentDiffers(
                document,
                Sentence(
                    "on the reader ({read}) than in the ledger ({held})",
                    read=describe_invoice(given.invoice),
                    held=describe_invoice(ours),
                ),
                Sentence("Do not acknowledge it; check which of the two the practice means"),
            )
        if given.document.digest in (held.pulled_digest, held.fse_digest):
            return None
        if held.fse_digest is not None:
            raise OtherFse(document)
    before = LedgerState.PREPARED if held is None else held.state
    if LedgerState(given.state) not in STEPS[before]:
        raise StepRefused(document, before.name, given.state.name)
    if held is not None:
        return held.rowid
    prepared = OutgoingDocument(given.invoice, fse.kind, fse.mode, fse.invoice_bytes)
    return rows.insert(prepared, LedgerState.PREPARED, reader_serial)
