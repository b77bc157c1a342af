"""Which owners' documents the PS card in the slot may sign."""

from __future__ import annotations

from collections.abc import Collection

from tla_sim.host.round.sign import PsCardHolder
from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.failure import CallRefused
from tla_sim.host.ssv.server.answers import groups_of
from tla_sim.protocol.card_kind import CardProfile
from tla_sim.protocol.commands.cards import PsCardData
from tla_sim.protocol.groups.ps_card import PsSituation


def signing_numbers(card: PsCardData, situation: int = 0) -> tuple[str, ...]:
    """Return the billing numbers whose invoices a card signs as their owner, all or that of a situation.

    `situation` is the logical number of one of the card's, 0 for any. Raises CallRefused: F004 for a CPE or
    CPF, or a CPS that may not sign; F802 when the card has no such situation.
    """
    holder = PsCardHolder.of(card)
    situations = [each for each in groups_of(card.groups) if isinstance(each, PsSituation)]
    if situation:
        situations = [each for each in situations if each.logical_number == situation]
        if not situations:
            raise CallRefused(
                SsvCode.INPUT,
                "The card of {holder} has no situation {situation}",
                "Pass one that SSV_LireCartePS tells, or 0",
                holder=holder.name,
                situation=situation,
            )
    numbers = tuple(each.billing_number for each in situations if each.billing_number in holder.owns)
    if holder.profile is not CardProfile.CPS or not numbers:
        raise CallRefused(
            SsvCode.PS_INVALID,
            "The card of {holder} signs for no owner",
            "Insert the CPS of the invoice's owner",
            holder=holder.name,
        )
    return numbers


def lot_numbers(card: PsCardData) -> tuple[str, ...]:
    """Return the billing numbers whose lots a card signs. Raises CallRefused with F004 when it signs none."""
    holder = PsCardHolder.of(card)
    if holder.profile is not CardProfile.CPS or not holder.signs_lots:
        raise CallRefused(
            SsvCode.PS_INVALID,
            "The card of {holder} is not entitled to sign lots",
            "Insert a CPS that is, the owner's",
            holder=holder.name,
        )
    return holder.signs_lots


def check_owner(numbers: Collection[str], owner: str) -> None:
    """Check that an owner is among those that the card signs for. Raises CallRefused with F004."""
    if owner not in numbers:
        raise CallRefused(
            SsvCode.PS_INVALID,
            "The PS card is not the CPS of {owner}",
            "Insert the CPS of the invoice's owner",
            owner=owner,
        )
