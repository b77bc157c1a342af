"""Which documents the PS card in the slot may take, by the reader's own rule.

The rule is that of `unload_fse`: a card takes the documents of its owners, and those that it signed.
"""

from __future__ import annotations

from typing import NamedTuple

from tla_sim.host.ssv.server.answers import groups_of
from tla_sim.protocol.card_kind import CardProfile
from tla_sim.protocol.commands.cards import PsCardData
from tla_sim.protocol.documents.document import Document
from tla_sim.protocol.groups.ps_card import PsSituation


class TakingCard(NamedTuple):
    """The card in the PS slot: its serial, and the billing numbers that it owns, none for a CPE or CPF."""

    serial: str
    owners: tuple[str, ...]

    @classmethod
    def of(cls, card: PsCardData) -> TakingCard:
        """Return the card from the reader's answer. Raises CallRefused with F0FF."""
        situations = [group for group in groups_of(card.groups) if isinstance(group, PsSituation)]
        is_cps = card.profile == CardProfile.CPS
        return cls(card.serial, tuple(dict.fromkeys(each.billing_number for each in situations if is_cps)))

    def may_take(self, owner: str, document: Document) -> bool:
        """Return whether the card may take an owner's certified document. Raises CodecError for no FSE."""
        return owner in self.owners or any(
            block.context.ps_serial == self.serial for block in document.fse.blocks
        )
