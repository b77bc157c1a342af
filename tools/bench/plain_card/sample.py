"""The plain card with what the benchmark's simulated card has on it."""

from __future__ import annotations

from tla_sim.reader_fw.cards.code_porteur import code_block
from tla_sim.tools.bench.plain_card.card import PlainCard
from tla_sim.tools.cast.images import ps_image
from tla_sim.tools.cast.people import CODE, SECRETARY


def sample_card() -> PlainCard:
    """Return the plain card of the secretary, powered."""
    card = PlainCard(ps_image(SECRETARY, cpe=True), code_block(CODE.encode()))
    card.power_on()
    return card
