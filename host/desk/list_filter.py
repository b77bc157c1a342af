"""What people ask of a list, as a filter: an owner by number or name, names in part, days."""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

from tla_sim.host.ledger.ledger import DocumentFilter
from tla_sim.host.practice.given import held_owner
from tla_sim.host.practice.problem import BadValue
from tla_sim.protocol.sentence import Sentence


class Named(NamedTuple):
    """What whoever asks calls the owner, the first and the last day."""

    owner: str
    first: str
    last: str


FIELDS: Final = Named("owner", "from", "to")


def asked_documents(
    owner: str = "",
    patient: str = "",
    recipient: str = "",
    first: date | None = None,
    last: date | None = None,
    named: Named = FIELDS,
) -> DocumentFilter:
    """Return the filter: `owner` is a billing number or part of a name; what is empty lets all pass.

    Raises `BadValue`, which calls the values as they are `named`.
    """
    if first and last and last < first:
        raise BadValue(
            named.last,
            last.isoformat(),
            Sentence("{first} or later, the day given with {place}", first=first, place=named.first),
        )
    number = held_owner(owner, named.owner) if owner.isdigit() else ""
    return DocumentFilter(
        owner=number or None,
        owner_name=owner if owner and not number else None,
        patient=patient or None,
        recipient=recipient or None,
        first_day=first,
        last_day=last,
    )
