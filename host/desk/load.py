"""Loading a practice's prepared invoices into a reader, as the desk has marked them.

Which documents go in follows from the practice file, from what the desk marked in the ledger, and from what
the reader's version takes; the loading itself is that of `tla_sim.host.round.push`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tla_sim.host.client import ReaderClient
from tla_sim.host.desk.marks import marked_documents, select_for_desk
from tla_sim.host.documents import OutgoingDocument
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.practice.invoices import prepared_invoices
from tla_sim.host.practice.model import Practice
from tla_sim.host.practice.problem import UnknownOwner
from tla_sim.host.progress import OnProgress, ignore_progress
from tla_sim.host.round.push import Proposal, Pushed, propose, push_owner, select_taken
from tla_sim.protocol.commands.capability import Capability
from tla_sim.protocol.commands.identity import Identity
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.documents.invoice import PreparedInvoice
from tla_sim.protocol.errors import Category, StatusError, TlaError


class NothingPrepared(TlaError):
    """The practice has no invoice to load."""

    category = Category.BAD_INPUT


class OneOwnerAtATime(TlaError):
    """The reader takes invoices of one owner, and several owners have some.

    `owners` lists number and name of each.
    """

    category = Category.BAD_INPUT

    def __init__(self, version: str, owners: Sequence[tuple[str, str]]) -> None:
        self.owners = tuple(owners)
        choices = ", ".join(f"{number} ({name})" for number, name in owners)
        super().__init__(
            "This reader (version {version}) takes one owner's invoices at a time",
            "Choose one: {choices}",
            version=version,
            choices=choices,
        )


@dataclass(frozen=True)
class LoadPlan:
    """The documents that a push would load, and their owners.

    `proposal` has the chosen owners and the others with invoices for the same patients; `left_out` counts the
    DREs that the reader's version does not take; `at_desk` has the numbers of the chosen owners' degraded
    invoices that wait to be signed at the desk.
    """

    identity: Identity
    documents: tuple[OutgoingDocument, ...]
    left_out: int
    proposal: Proposal
    at_desk: tuple[str, ...] = ()

    def of(self, owner: str) -> list[OutgoingDocument]:
        """Return a chosen owner's documents; of another owner's, those for the same patients."""
        chosen = self.proposal.chosen
        mine = [each for each in self.documents if each.invoice.owner == owner]
        if owner in chosen:
            return mine
        patients = {each.invoice.beneficiary_key for each in self.documents if each.invoice.owner in chosen}
        return [each for each in mine if each.invoice.beneficiary_key in patients]

    def check_others(self, others: Sequence[str]) -> tuple[str, ...]:
        """Return which of these other owners are loaded too, in the order of the proposal.

        Raises `StatusError` when there are some and the reader takes only one owner.
        """
        found = tuple(each for each in self.proposal.others if each in others)
        if found and not self.proposal.multi_owner:
            raise StatusError(Status.NOT_MULTI_OWNER)
        return found


def plan_load(
    client: ReaderClient, ledger: Ledger, practice: Practice, owners: Sequence[str] = ()
) -> LoadPlan:
    """Plan the loading of these owners' invoices (billing numbers), or of everyone's if none is named.

    Raises `UnknownOwner`; `NothingPrepared`; `OneOwnerAtATime` when no owner is named and the reader takes
    only one; `StatusError` when several are named for such a reader; `LinkError`; and errors of the ledger,
    such as `ContentDiffers` when a degraded invoice that waits to be signed at the desk differs in the file.
    """
    identity = client.identify()
    invoices = prepared_invoices(practice)
    waiting = select_for_desk(ledger, invoices)
    for each in waiting:
        if not owners or each.owner in owners:
            ledger.check_prepared(each)
    prepared = marked_documents(ledger, invoices, to_load=True)
    documents = select_taken(identity, prepared)
    for number in owners:
        if number not in practice.owners:
            raise UnknownOwner(number, tuple(practice.owners))
    chosen = tuple(dict.fromkeys(owners or [each.invoice.owner for each in documents]))
    if not chosen:
        raise _nothing_to_load(invoices, waiting)
    if len(chosen) > 1 and not identity.capabilities & Capability.MULTI_OWNER:
        if owners:
            raise StatusError(Status.NOT_MULTI_OWNER)
        version = f"{identity.major}.{identity.minor:02}"
        raise OneOwnerAtATime(version, [(number, owner_name(practice, number)) for number in chosen])
    proposal = propose(identity, documents, chosen)
    at_desk = tuple(each.number for each in waiting if each.owner in chosen)
    return LoadPlan(identity, documents, len(prepared) - len(documents), proposal, at_desk)


def _nothing_to_load(
    invoices: Sequence[PreparedInvoice], waiting: Sequence[PreparedInvoice]
) -> NothingPrepared:
    if not invoices:
        return NothingPrepared("The practice file has no invoice", "Prepare some first")
    if not waiting:
        return NothingPrepared(
            "Every invoice of the practice file is degraded, and signed at the desk already",
            "Nothing is left to load",
        )
    number = waiting[0].number
    return NothingPrepared(
        "Every invoice of the practice file is degraded, to be signed at the desk",
        "Sign one at the desk, or have it loaded",
        number=number,
    )


def push(
    client: ReaderClient,
    ledger: Ledger,
    practice: Practice,
    owners: Sequence[str] = (),
    *,
    others: bool = False,
    on_progress: OnProgress = ignore_progress,
) -> tuple[Pushed, ...]:
    """Load a practice's prepared invoices, all or none for each owner, and return the results.

    `owners` limits it to these billing numbers; with `others`, other owners' invoices for the same patients
    are loaded as well, if the reader takes them. It is safe to run again: documents that the reader has are
    not sent again. Raises as `plan_load` and `push_owner`.

        >>> [(each.owner, each.loaded) for each in tla_sim.push(client, ledger, practice)]
        [('75629690', 5), ('75112040', 3), ('75712040', 2)]
        >>> [each.already for each in tla_sim.push(client, ledger, practice, ["75629690"])]
        [5]
    """
    plan = plan_load(client, ledger, practice, owners)
    more = plan.proposal.others if others and plan.proposal.multi_owner else ()
    return tuple(
        push_owner(client, ledger, number, plan.of(number), on_progress)
        for number in (*plan.proposal.chosen, *more)
    )


def owner_name(practice: Practice, number: str) -> str:
    """Return the last and first name of the practitioner with a billing number."""
    who, _ = practice.owners[number]
    return f"{who.last_name} {who.first_name}"
