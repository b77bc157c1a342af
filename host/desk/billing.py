"""Billing at the desk with what is in the reader's slots: who may certify an invoice, and how far.

The owner's CPS certifies completely; a CPE, a CPF or another professional's CPS partially, once that is
wanted. A degraded invoice is its owner's CPS's alone. What can be known before a code is typed is said
before. Project-defined, after the SSV's désynchronisé mode.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from tla_sim.host.client import ReaderClient
from tla_sim.host.desk.errors import DeskRefused
from tla_sim.host.documents import OutgoingDocument
from tla_sim.host.round.sign import PsCardHolder
from tla_sim.protocol.card_kind import CardProfile
from tla_sim.protocol.commands.capability import Capability
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.documents.fse import SecurityMode
from tla_sim.protocol.errors import Category, StatusError, TlaError


class PartialSecurityAsked(TlaError):
    """The card would certify an invoice of another only partially, and nobody said that this is wanted."""

    category = Category.REFUSED


class Way(StrEnum):
    """How far the card in the slot certifies an invoice; DEGRADED: completely, without a Vitale."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    DEGRADED = "degraded"


@dataclass(frozen=True, slots=True)
class BillingPlan:
    """How an invoice would be certified now, and with whose card."""

    way: Way
    holder: PsCardHolder
    owner_name: str


def plan_billing(
    client: ReaderClient, documents: Sequence[OutgoingDocument], mode: SecurityMode | None = None
) -> BillingPlan:
    """Return how an invoice's documents would be certified with the cards in the slots, which takes no code.

    `mode` is how it is to be billed, by default as it is marked. Raises `DeskRefused` when these cards or
    this reader cannot, `StatusError` when a card is missing or blocked, `LinkError`.
    """
    document = documents[0]
    ps, number = document.invoice.ps, document.invoice.number
    owner_name = f"{ps.last_name} {ps.first_name}".rstrip()
    identity = client.identify()
    version = f"{identity.major}.{identity.minor:02}"
    if not identity.capabilities & Capability.DESK_CERTIFICATION:
        raise DeskRefused(
            "This reader (version {version}) does not certify at the desk",
            "Load the invoice, or update the reader",
            version=version,
        )
    card = client.read_ps_card()
    if card.tries_left == 0:
        raise StatusError(Status.CODE_BLOCKED)
    holder = PsCardHolder.of(card)
    is_owner = holder.profile is CardProfile.CPS and document.invoice.owner in holder.owns
    if (document.mode if mode is None else mode) is SecurityMode.DEGRADED:
        if not is_owner:
            raise DeskRefused(
                "A degraded invoice is signed by its owner's CPS; in the slot is the {card} of {holder}",
                "Insert the CPS of {owner}",
                card=holder.card,
                holder=holder.name,
                owner=owner_name,
                number=number,
            )
        return BillingPlan(Way.DEGRADED, holder, owner_name)
    if not is_owner and not identity.capabilities & Capability.PARTIAL_CERTIFICATION:
        raise DeskRefused(
            "This reader (version {version}) does not certify partially; in the slot is the {card} of"
            " {holder}",
            "Insert the CPS of {owner}, or update the reader",
            version=version,
            card=holder.card,
            holder=holder.name,
            owner=owner_name,
        )
    if not client.diagnostics().vitale_card:
        raise StatusError(Status.VITALE_ABSENT)
    return BillingPlan(Way.COMPLETE if is_owner else Way.PARTIAL, holder, owner_name)


def check_wanted(plan: BillingPlan, number: str, partially: bool | None) -> bool:
    """Return whether to go on; `partially` says whether a partial certification is wanted, `None` that
    nobody said.

    Raises `PartialSecurityAsked` when it must be said.
    """
    if plan.way is not Way.PARTIAL:
        return True
    if partially is None:
        raise PartialSecurityAsked(
            "In the slot is the {card} of {holder}, not the CPS of {owner}; bill invoice {number} in"
            " partially secured mode?",
            "Answer yes, and it waits for the final signature of {owner}; answer no, and nothing is done",
            card=plan.holder.card,
            holder=plan.holder.name,
            owner=plan.owner_name,
            number=number,
        )
    return partially
