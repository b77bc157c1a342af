"""What waits in a practice: prepared invoices, the five lists before transmission, what was rejected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tla_sim.host.desk.lists import LISTED, DeskList
from tla_sim.host.ledger.desk_lists import count_rejected, count_to_sign, count_waiting, invoices_held
from tla_sim.host.ledger.files import sum_up_files
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.ledger.model import DocumentFilter
from tla_sim.protocol.documents.invoice import PreparedInvoice


@dataclass(frozen=True, slots=True)
class Counted:
    """A number of things, and what they claim together in cents."""

    count: int
    total: int


@dataclass(frozen=True, slots=True)
class ToSign:
    """How many documents wait for the final signature of an owner's CPS, and what they claim in cents."""

    owner: str
    name: str
    count: int
    total: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits: `prepared` invoices are on no reader and not certified; `lists` by their numbers; `to_sign`
    in order of billing number."""

    prepared: Counted
    lists: Mapping[DeskList, Counted]
    rejected: Counted
    to_sign: tuple[ToSign, ...]


def count_what_waits(invoices: Iterable[PreparedInvoice], ledger: Ledger) -> Waiting:
    """Count what waits in a practice with these prepared invoices. Raises `LedgerUnusable`."""
    everything = DocumentFilter()
    lists = {each: Counted(*count_waiting(ledger, *what, everything)) for each, what in LISTED.items()}
    lists[DeskList.FILES_TO_SEND] = Counted(*sum_up_files(ledger, everything))
    return Waiting(
        _prepared(invoices, ledger),
        lists,
        Counted(*count_rejected(ledger, everything)),
        tuple(ToSign(*each) for each in count_to_sign(ledger)),
    )


def _prepared(invoices: Iterable[PreparedInvoice], ledger: Ledger) -> Counted:
    """Count the invoices of the practice that the ledger does not have further on, and those it alone has."""
    held = invoices_held(ledger)
    totals = {name: total for name, total in held.items() if total is not None}
    for each in invoices:
        name = (each.owner, each.number)
        if name not in held:
            totals[name] = each.totals.total
    return Counted(len(totals), sum(totals.values()))
