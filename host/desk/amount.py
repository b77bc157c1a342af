"""An amount as people read it."""

from __future__ import annotations

from tla_sim.protocol.documents.invoice import euros


class Amount(str):
    """An amount in cents, written as the French write it; `cents` is there for who writes it otherwise."""

    cents: int

    def __new__(cls, cents: int) -> Amount:
        made = super().__new__(cls, euros(cents))
        made.cents = cents
        return made
