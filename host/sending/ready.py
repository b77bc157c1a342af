"""Whether documents are ready to leave: signed, not left, in no lot, and the card's owner's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tla_sim.host.desk.errors import DeskRefused
from tla_sim.host.desk.marks import held_lines
from tla_sim.host.ledger.errors import UnknownDocument
from tla_sim.host.ledger.files import is_in_lot
from tla_sim.host.ledger.ledger import DocumentFilter, Ledger, LedgerDocument, LedgerState
from tla_sim.host.ledger.model import TO_SEND
from tla_sim.host.ledger.ready_lists import HeldBackGroup, ReadyGroup
from tla_sim.host.round.sign import PsCardHolder
from tla_sim.host.sending.errors import NotSignedYet
from tla_sim.protocol.card_kind import CardProfile
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import SecurityMode
from tla_sim.protocol.sentence import Sentence


def check_signs_lots(holder: PsCardHolder) -> None:
    """Check that a card may sign lots at all. Raises `DeskRefused`."""
    if holder.profile is not CardProfile.CPS or not holder.signs_lots:
        raise DeskRefused(
            "The card of {holder} is not entitled to sign lots",
            "Insert a CPS that is, the owner's",
            holder=holder.name,
        )


def check_signs_some(groups: Sequence[ReadyGroup], holder: PsCardHolder) -> None:
    """Check that a card signs lots of some of what is ready. Raises `DeskRefused`."""
    check_signs_lots(holder)
    if not any(each.owner in holder.signs_lots for each in groups):
        names = dict.fromkeys(each.owner_name for each in groups)
        owners = ", ".join(names)
        raise DeskRefused(
            "What is ready belongs to {owners}, not to {holder}",
            Sentence("Insert the CPS of {owners}", owners=owners)
            if len(names) == 1
            else Sentence("Insert one after the other the CPS of: {owners}", owners=owners),
            owners=owners,
            holder=holder.name,
        )


def why_held_back(group: HeldBackGroup) -> str:
    """Return why documents may not leave yet, and what to do, in one sentence."""
    owner = group.owner_name
    if group.state is LedgerState.PARTIAL:
        return Sentence("Partially certified: the final signature of {owner} is missing", owner=owner)
    if group.state is LedgerState.LOADED:
        return Sentence("In a reader: to be certified there, then unloaded")
    if group.mode is SecurityMode.DEGRADED:
        return Sentence("Prepared in degraded mode: the signature of {owner} is missing", owner=owner)
    return Sentence("Prepared: to be certified with the Vitale and a PS card")


def check_invoices_ready(ledger: Ledger, numbers: Iterable[str], holder: PsCardHolder) -> None:
    """Check that the card's owner may send all of these invoices. Raises `DeskRefused`, `NotSignedYet`."""
    for number in numbers:
        lines = ledger.documents(DocumentFilter(numbers=(number,)))
        mine = [each for each in lines if each.owner in holder.signs_lots]
        if not mine:
            raise _of_another(held_lines(ledger, number)[0], holder)
        for each in mine:
            _check_may_leave(each)
        if is_in_lot(ledger, mine[0].id):
            raise _in_lot_already(number)


def check_documents_ready(ledger: Ledger, documents: Iterable[DocumentId], holder: PsCardHolder) -> None:
    """Check the same of documents. Raises also `UnknownDocument`."""
    for each in documents:
        line = ledger.get(each)
        if line is None:
            raise UnknownDocument(each)
        if line.owner not in holder.signs_lots:
            raise _of_another(line, holder)
        _check_may_leave(line)
        if is_in_lot(ledger, each):
            raise _in_lot_already(line.number)


def _check_may_leave(line: LedgerDocument) -> None:
    """Check that a document has its signatures and has not left. Raises `DeskRefused`, `NotSignedYet`."""
    what = f"{line.kind.name} {line.number}"
    if line.state is LedgerState.TRANSMITTED:
        raise DeskRefused("{what} has left already", "It is never sent twice", what=what)
    if line.state is LedgerState.CANCELLED:
        raise DeskRefused("{what} was cancelled", "Prepare it again", what=what)
    if line.state not in TO_SEND:
        raise NotSignedYet(what, missing_cards(line), _how_to_sign(line))


def _of_another(line: LedgerDocument, holder: PsCardHolder) -> DeskRefused:
    return DeskRefused(
        "Invoice {number} belongs to {owner}, not to {holder}",
        "Insert the CPS of {owner}",
        number=line.number,
        owner=line.owner_name,
        holder=holder.name,
    )


def _in_lot_already(number: str) -> DeskRefused:
    return DeskRefused(
        "Invoice {number} is in a lot already", "See which files and lots there are", number=number
    )


def missing_cards(line: LedgerDocument) -> tuple[str, ...]:
    """Return the cards that still have to sign a document, in their order."""
    owner = Sentence("CPS of {owner_name}", owner_name=line.owner_name)
    if line.state is LedgerState.PARTIAL or line.mode is SecurityMode.DEGRADED:
        return (owner,)
    return Sentence("Vitale of {patient}", patient=line.patient), owner


def _how_to_sign(line: LedgerDocument) -> str:
    match line.state:
        case LedgerState.PARTIAL:
            return Sentence("Insert it, then give the final signature", number=line.number)
        case LedgerState.LOADED:
            return Sentence("Certify it with reader {reader}, then pull it", reader=line.reader)
        case _:
            return Sentence("Insert the missing card, then certify it", number=line.number)
