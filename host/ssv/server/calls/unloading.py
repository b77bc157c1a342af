"""Taking off a reader what was certified on the round, what was not, and whom it met; erasing an owner's.

Everything goes the way of a pull: into the ledger, then acknowledged to the reader, then to the program. A
program that did not get its zones calls again and gets them from the ledger; C has no call by which it could
acknowledge them itself. A card never gets more than the reader would give it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import Final

from tla_sim.host.documents import DocumentOnBoard, OutgoingDocument
from tla_sim.host.ledger.ledger import DocumentFilter, Ledger, LedgerDocument, LedgerState
from tla_sim.host.ledger.model import CERTIFIED
from tla_sim.host.round.erase import erase
from tla_sim.host.round.pull import LeftBehind, pull
from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.failure import CallRefused
from tla_sim.host.ssv.functions import (
    DECHARGER_BENEFICIAIRES,
    DECHARGER_FACTURES_PDT,
    DECHARGER_FSE_TLA,
    EFFACER_TLA,
)
from tla_sim.host.ssv.server.answers import zones_of
from tla_sim.host.ssv.server.binding import Bound, bind_call
from tla_sim.host.ssv.server.document_zones import document_group
from tla_sim.host.ssv.server.numbers import check_number
from tla_sim.host.ssv.server.taking_card import TakingCard
from tla_sim.host.ssv.server.workstation import Workstation
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.documents.document import Document
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.invoice import PreparedInvoice
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.errors import StatusError
from tla_sim.protocol.groups.declaration import Group
from tla_sim.protocol.groups.invoice import InvoiceIdentification, InvoicePs
from tla_sim.protocol.groups.ssv_calls import HeldDocument
from tla_sim.protocol.groups.vitale import Insured
from tla_sim.protocol.groups.zone import decode_zone

_LOG: Final = logging.getLogger("tla_sim.ssv")
_WHOLE: Final = ("", "0")
"""The kind of data to erase that a reader knows: all of it. Project-defined."""


def unload_fses(work: Workstation, ps_resource: str, reader: str, code: str, invoice: str) -> Sequence[bytes]:
    """Pull what the card may take, and return certified documents, a zone with a group 9310 for each.

    Without a number, all that is PARTIAL or COMPLETE in the ledger and in no lot. With one, the documents of
    that invoice, whatever became of them since. Raises as `pull`; CallRefused with F802 for anything but
    digits, with F004 when another card must take the invoice; StatusError when neither ledger nor reader
    knows it.
    """
    check_number(invoice)
    card = TakingCard.of(work.authenticate(ps_resource, reader, code))
    with work.ledger() as ledger:
        left = _pull(work, ledger)
        if not invoice:
            found = _waiting(ledger, card)
        else:
            found = _certified(ledger, card, invoice)
            if not found:
                _check_known(work, ledger, card, invoice, left)
        return zones_of([document_group(found[each].content)] for each in sorted(found))


def unload_invoices(
    work: Workstation, ps_resource: str, reader: str, code: str, invoice: str, zones: Sequence[bytes]
) -> Sequence[bytes]:
    """Pull, and return what became of the invoices that were loaded: a zone with a group 9310 for each
    document.

    Certified ones as `unload_fses` gives them. Of the card's owners also what came back unsigned, with an
    empty content and behind it the groups of the invoice where the ledger has them: LOADED ones, which stay
    on the reader, and CANCELLED ones, which do not. Zones in limit the answer to the numbers in their groups
    9310 or 1110. What this function answers is inferred from its name and parameters. Raises as
    `unload_fses`.
    """
    check_number(invoice)
    wanted = _Numbers(invoice, zones)
    card = TakingCard.of(work.authenticate(ps_resource, reader, code))
    with work.ledger() as ledger:
        left = _pull(work, ledger)
        certified = _certified(ledger, card, invoice) if invoice else _waiting(ledger, card)
        told: dict[DocumentId, list[Group]] = {
            document: [document_group(each.content)] for document, each in certified.items()
        }
        told |= _unsigned(work, ledger, card)
        answers = {document: groups for document, groups in told.items() if wanted.has(document)}
        if invoice and not answers and not zones:
            _check_known(work, ledger, card, invoice, left)
        return zones_of(answers[each] for each in sorted(answers))


def _pull(work: Workstation, ledger: Ledger) -> Sequence[LeftBehind]:
    """Pull, and return what stayed on the reader."""
    left = pull(work.client, ledger, work.anchors).left
    for each in left:
        _LOG.info("%s stays on the reader: %s", each.document.name, each.reason)
    return left


def _waiting(ledger: Ledger, card: TakingCard) -> dict[DocumentId, Document]:
    """Return what waits for its last signature or for a lot, and the card may take."""
    complete = [each for each in ledger.transmissible() if each.line.state is LedgerState.COMPLETE]
    return {
        each.line.id: each.document
        for each in (*ledger.to_sign(), *complete)
        if card.may_take(each.line.owner, each.document)
    }


def _certified(ledger: Ledger, card: TakingCard, invoice: str) -> dict[DocumentId, Document]:
    """Return the certified documents under a number that the card may take."""
    lines = ledger.documents(DocumentFilter(numbers=(invoice,), states=CERTIFIED))
    held = {each.id: Document(ledger.fse(each.id)) for each in lines}
    return {document: content for document, content in held.items() if card.may_take(document.owner, content)}


def _check_known(
    work: Workstation, ledger: Ledger, card: TakingCard, invoice: str, left: Iterable[LeftBehind]
) -> None:
    """Explain why nothing certified comes under a number: it waits to be certified, and nothing is wrong.

    Raises CallRefused with F004 for another card's invoice, with F0FF for one that stays on the reader,
    StatusError for an unknown one.
    """
    owners = {each.owner for each in ledger.documents(DocumentFilter(numbers=(invoice,)))}
    owners |= {each.id.owner for each in work.client.list_documents() if each.id.number == invoice}
    if not owners:
        raise StatusError(Status.UNKNOWN_INVOICE)
    if not owners.intersection(card.owners):
        raise StatusError(Status.NOT_OWNER)
    for each in left:
        if each.document.number == invoice and each.document.owner in card.owners:
            raise CallRefused(SsvCode.INCOHERENT, each.reason, each.action)


def _unsigned(work: Workstation, ledger: Ledger, card: TakingCard) -> dict[DocumentId, list[Group]]:
    """Return the groups of what the card's owners have unsigned: on the reader, or given up on a round."""
    on_board = [
        each
        for each in work.client.list_documents()
        if each.state is InvoiceState.LOADED and each.id.owner in card.owners
    ]
    given_up = [
        line
        for owner in card.owners
        for line in ledger.documents(DocumentFilter(owner=owner, states=(LedgerState.CANCELLED,)))
    ]
    return {line.id: _told(ledger, line) for line in given_up} | {
        each.id: _loaded(ledger, each) for each in on_board
    }


def _loaded(ledger: Ledger, entry: DocumentOnBoard) -> list[Group]:
    """Return the groups of a document on the reader, with its invoice if the ledger has that very one."""
    line = ledger.get(entry.id)
    if line is not None and line.state is LedgerState.LOADED:
        invoice = PreparedInvoice.parse(ledger.invoice(entry.id))
        if OutgoingDocument.of(invoice, line.kind, line.mode).fingerprint == entry.fingerprint:
            return _told(ledger, line)
    owner, number, kind = entry.id
    return [HeldDocument(owner=owner, number=number, kind=int(kind), state=entry.state.name)]


def _told(ledger: Ledger, line: LedgerDocument) -> list[Group]:
    header = HeldDocument(
        owner=line.owner,
        number=line.number,
        kind=int(line.kind),
        state=line.state.name,
        mode=int(line.mode),
    )
    return [header, *PreparedInvoice.parse(ledger.invoice(line.id)).groups()]


class _Numbers:
    """The invoices that a program asks for: by number, and by the groups of the zones that it passed.

    Raises CallRefused with F802 for a zone that names none, and ZoneError.
    """

    def __init__(self, invoice: str, zones: Sequence[bytes]) -> None:
        self._invoice = invoice
        self._named = [name for zone in zones for name in _names_in(zone)]
        self._all = not zones

    def has(self, document: DocumentId) -> bool:
        """Return whether a document is asked for."""
        owner, number, _ = document
        if self._invoice and number != self._invoice:
            return False
        return self._all or (owner, number) in self._named or ("", number) in self._named


def _names_in(zone: bytes) -> list[tuple[str, str]]:
    """Return owner, empty if the zone does not say, and number of each invoice that a zone names."""
    names: list[tuple[str, str]] = []
    number = ""
    for group in decode_zone(zone):
        if isinstance(group, HeldDocument):
            names.append((group.owner, group.number))
        elif isinstance(group, InvoiceIdentification):
            number = group.invoice_number
            names.append(("", number))
        elif isinstance(group, InvoicePs) and names[-1:] == [("", number)]:
            names[-1] = (group.billing_number, number)
    if not names:
        raise CallRefused(SsvCode.INPUT, "A zone names no invoice", "Pass group 9310 or 1110")
    return names


def unload_patients(
    work: Workstation, ps_resource: str, reader: str, code: str, billing: str
) -> Sequence[bytes]:
    """Return the patients met on the round for an owner, a zone for each Vitale: groups 101 to 111.

    Without a number, those of all the card's owners. They stay on the reader until its owner's documents are
    erased. Raises CallRefused with F802 for anything but digits, StatusError with F004 for an owner whose
    patients the card neither owns nor met.
    """
    check_number(billing)
    card = TakingCard.of(work.authenticate(ps_resource, reader, code))
    zones: list[list[Group]] = []
    for owner in (billing,) if billing else card.owners:
        for group in work.client.beneficiaries(owner):
            if isinstance(group, Insured):
                zones.append([])
            if not zones:
                raise CallRefused(SsvCode.INCOHERENT, "A beneficiary came without an insured", "Call again")
            zones[-1].append(group)
    return zones_of(zones)


def erase_owner(work: Workstation, ps_resource: str, reader: str, code: str, billing: str, kind: str) -> None:
    """Erase what the reader has of an owner, documents and patients; without a number, of the card's owners.

    The reader erases all or nothing, so that no other kind of data can be named. What was certified and not
    pulled takes its owner's card. Raises CallRefused with F802 for another kind or no digits, with F004 when
    no owner is named and the card has none, and as `tla_sim.host.round.erase.erase`.
    """
    check_number(billing)
    if kind not in _WHOLE:
        raise CallRefused(
            SsvCode.INPUT, "A reader cannot erase data of kind {kind!r} alone", "Pass 0 for all", kind=kind
        )
    card = TakingCard.of(work.authenticate(ps_resource, reader, code))
    owners = (billing,) if billing else card.owners
    if not owners:
        raise CallRefused(
            SsvCode.PS_INVALID, "The card in the slot owns no invoices", "Name the owner, or insert a CPS"
        )
    with work.ledger() as ledger:
        for owner in owners:
            erase(work.client, owner, ledger)


BOUND: Final[tuple[Bound, ...]] = (
    bind_call(DECHARGER_FSE_TLA, unload_fses),
    bind_call(DECHARGER_FACTURES_PDT, unload_invoices),
    bind_call(DECHARGER_BENEFICIAIRES, unload_patients),
    bind_call(EFFACER_TLA, erase_owner),
)
"""The functions of this topic."""
