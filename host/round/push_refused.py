"""Why an owner's invoices cannot be loaded as they are."""

from __future__ import annotations

from collections.abc import Sequence

from tla_sim.host.documents import OutgoingDocument
from tla_sim.host.ledger.reuse import describe_invoice
from tla_sim.protocol.errors import Category, TlaError
from tla_sim.protocol.sentence import Sentence


class PushRefused(TlaError):
    """An owner's invoices cannot be loaded as they are; none was loaded."""

    category = Category.REFUSED


def describe_other_on_board(ours: Sequence[OutgoingDocument]) -> PushRefused:
    """Return the error for another invoice on the reader under one of these numbers, unknown to the
    ledger."""
    first = ours[0].invoice
    action = Sentence("Pull it, or erase it", owner=first.owner)
    if len(ours) == 1:
        return PushRefused(
            "Invoice {number} of {owner} is on the reader with other content than this one ({invoice})",
            action,
            number=first.number,
            owner=first.owner,
            invoice=describe_invoice(first),
        )
    numbers = ", ".join(dict.fromkeys(each.invoice.number for each in ours))
    return PushRefused(
        "One of the invoices {numbers} of {owner} is on the reader with other content",
        action,
        numbers=numbers,
        owner=first.owner,
    )


def describe_given_back(ours: Sequence[OutgoingDocument]) -> PushRefused:
    """Return the error for documents that the reader had, and gave back or dropped, without this ledger."""
    owner = ours[0].invoice.owner
    action = Sentence("Use the ledger that holds what was pulled, or bill under new numbers")
    numbers = list(dict.fromkeys(each.invoice.number for each in ours))
    if len(numbers) == 1:
        return PushRefused(
            "The reader gave invoice {number} of {owner} back before; nothing was loaded",
            action,
            number=numbers[0],
            owner=owner,
        )
    return PushRefused(
        "The reader gave {count} invoices of {owner} back before ({numbers}); nothing was loaded",
        action,
        count=len(numbers),
        owner=owner,
        numbers=", ".join(numbers),
    )
