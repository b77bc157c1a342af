"""What the holder of the PS card in the slot may do with an owner's documents."""

from __future__ import annotations

from tla_sim.host.round.sign import PsCardHolder
from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.failure import CallRefused
from tla_sim.protocol.card_kind import CardProfile


def check_owner(holder: PsCardHolder, owner: str) -> None:
    """Check that a card is the CPS that may sign an owner's invoices. Raises CallRefused with F004."""
    if holder.profile is not CardProfile.CPS or owner not in holder.owns:
        raise CallRefused(
            SsvCode.PS_INVALID,
            "The card of {holder} is not the CPS of {owner}",
            "Insert the CPS of the invoice's owner",
            holder=holder.name,
            owner=owner,
        )
