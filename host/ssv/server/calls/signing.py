"""The final signature by SSV: SSV_SecuriserFacture.

It does what `tla sign` does, document by document. What a program passes is taken into the ledger first by
the rules of a pull, so that a signature is given only to what the practice holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tla_sim.host.desk.errors import UnknownInvoice
from tla_sim.host.ledger.errors import OtherFse
from tla_sim.host.ledger.ledger import DocumentFilter, Ledger, LedgerState
from tla_sim.host.ledger.model import CERTIFIED
from tla_sim.host.round.sign import NotSigned, sign_held
from tla_sim.host.round.taking import verify_taken
from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.failure import CallRefused
from tla_sim.host.ssv.functions import SECURISER_FACTURE
from tla_sim.host.ssv.server.answers import zone_of
from tla_sim.host.ssv.server.binding import Bound, bind_call
from tla_sim.host.ssv.server.card_rights import check_owner, signing_numbers
from tla_sim.host.ssv.server.document_zones import GivenDocument, document_group, read_documents
from tla_sim.host.ssv.server.workstation import Workstation
from tla_sim.protocol.documents.document import Document
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.groups.zone import MAX_ZONE_BYTES

_SIGNATURE_ROOM: Final = 4_096
"""More than a signature with its certificate, and the group around a document, add to it."""


def secure_invoice(
    work: Workstation, ps_resource: str, reader: str, code: str, situation: int, invoice: str, zone: bytes
) -> bytes:
    """Give the final signature to what the zone passes, else to an invoice of the ledger, else to all that
    waits for this card; return a group 9310 for each document.

    What is FINAL already is given again; of all, what is in no lot yet. A document that the reader refuses
    stays PARTIAL in the answer, unless none becomes FINAL: then the first refusal is the call's. Raises
    CallRefused, errors of the ledger, StatusError and LinkError.
    """
    given = read_documents((zone,))
    _check_given(given, invoice)
    owners = signing_numbers(work.authenticate(ps_resource, reader, code), situation)
    with work.ledger() as ledger:
        if given:
            _check_room([len(each.document.content) for each in given])
            _take_in(work, ledger, owners, given)
            wanted = [each.id for each in given]
        else:
            wanted = _of_invoice(ledger, owners, invoice) if invoice else _of_owners(ledger, owners)
            _check_room([len(ledger.fse(each)) for each in wanted])
        asked = frozenset(wanted)
        waiting = [each for owner in owners for each in ledger.to_sign(owner) if each.line.id in asked]
        _, refused = sign_held(work.client, ledger, work.anchors, waiting) if waiting else (0, ())
        answer = [document_group(ledger.fse(each)) for each in wanted]
    if refused and all(each.state == InvoiceState.PARTIAL.name for each in answer):
        raise _refusal(refused[0])
    return zone_of(answer)


def _check_given(given: Sequence[GivenDocument], invoice: str) -> None:
    for each in given:
        if invoice and each.id.number != invoice:
            raise CallRefused(
                SsvCode.INPUT,
                "The zone has invoice {found}, not {number}",
                "Pass the documents of the invoice, or no number",
                found=each.id.number,
                number=invoice,
            )
        if each.document.fse.state not in (InvoiceState.PARTIAL, InvoiceState.FINAL):
            raise _not_waiting(each.id.number)


def _take_in(
    work: Workstation, ledger: Ledger, owners: Sequence[str], given: Sequence[GivenDocument]
) -> None:
    """Take documents into the ledger that it does not have, as a pull from this reader would.

    Raises CallRefused for another owner's, OtherFse, and as `verify_taken` and `Ledger.record_pulled`;
    nothing was taken in then.
    """
    new: list[GivenDocument] = []
    for each in given:
        check_owner(owners, each.id.owner)
        if ledger.state(each.id) in CERTIFIED:
            _check_held(ledger, each)
        elif each.document.fse.state is InvoiceState.PARTIAL:
            new.append(each)
        else:
            raise _not_waiting(each.id.number)
    if new:
        serial = work.client.identify().serial_number
        ledger.record_pulled(
            [verify_taken(each.document, each.id, serial, work.anchors) for each in new], serial
        )


def _check_held(ledger: Ledger, given: GivenDocument) -> None:
    """Check that a document is the one held, with or without its final signature. Raises OtherFse."""
    held = Document(ledger.fse(given.id)).fse
    without = held.without_last() if held.state is InvoiceState.FINAL else b""
    if given.document.content not in (held.build(), without):
        raise OtherFse(given.id)


def _of_invoice(ledger: Ledger, owners: Sequence[str], number: str) -> list[DocumentId]:
    lines = ledger.documents(DocumentFilter(numbers=(number,)))
    if not lines:
        raise UnknownInvoice(number)
    mine = [each for each in lines if each.owner in owners]
    if not mine:
        check_owner(owners, lines[0].owner)
    wanted = [
        each.id
        for each in mine
        if each.state in CERTIFIED and Document(ledger.fse(each.id)).fse.state is not InvoiceState.COMPLETE
    ]
    if not wanted:
        raise _not_waiting(number)
    return wanted


def _of_owners(ledger: Ledger, owners: Sequence[str]) -> list[DocumentId]:
    found = [each for owner in owners for each in (*ledger.to_sign(owner), *ledger.transmissible(owner))]
    return [each.line.id for each in found if each.line.state is not LedgerState.COMPLETE]


def _check_room(sizes: Sequence[int]) -> None:
    """Check that documents of these sizes fit in one zone. Raises CallRefused with F801."""
    if sum(sizes) + len(sizes) * _SIGNATURE_ROOM > MAX_ZONE_BYTES:
        raise CallRefused(
            SsvCode.ALLOCATION,
            "{count} documents do not fit in one zone",
            "Name the invoices one by one; nothing was signed",
            count=len(sizes),
        )


def _refusal(refused: NotSigned) -> CallRefused:
    error = CallRefused(SsvCode.INCOHERENT, refused.reason, refused.action)
    error.ssv = refused.ssv or error.ssv
    return error


def _not_waiting(number: str) -> CallRefused:
    return CallRefused(
        SsvCode.INCOHERENT,
        "Invoice {number} does not wait for a final signature",
        "See in the ledger where it stands",
        number=number,
    )


BOUND: Final[tuple[Bound, ...]] = (bind_call(SECURISER_FACTURE, secure_invoice),)
"""The functions of this topic."""
