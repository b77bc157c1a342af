"""The firmware's hold on cards that misbehave: pulled, mute, refusing what they should take."""

from __future__ import annotations

import pytest

from tests.reader_kit import Bench, raw
from tla_sim.protocol.commands.cards import READ_PS_CARD, READ_VITALE
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.errors import StatusError
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.app.session import HOLD_IDLE_MS
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.cast.images import ps_image, vitale_image
from tla_sim.tools.cast.invoices import documents
from tla_sim.tools.cast.loading import load
from tla_sim.tools.cast.people import CODE, MAYA
from tla_sim.tools.faults.cards import CardCount, FaultyCard
from tla_sim.tools.faults.plan import FaultPlan
from tla_sim.tools.faults.striking import Strikes

QUERY = bytes.fromhex("00200001")
"""VERIFY without a code: 9000 while the card knows it, else the tries that are left."""

READING = 5
"""Commands to a PS card that reading it takes at least."""


def put_in(bench: Bench, slot: Slot, plan: str = "") -> CardCount:
    """A card in the slot with the plan's faults; how many commands it got."""
    count = CardCount()
    card = bench.card(ps_image(MAYA) if slot is Slot.PS else vitale_image())

    def pull() -> None:
        bench.reader.board.slots.remove(slot)

    bench.reader.insert(slot, FaultyCard(card, slot, Strikes(FaultPlan.parse(plan)), count, pull))
    return count


@pytest.mark.parametrize(("fault", "status"), [("pull", "VITALE_WITHDRAWN"), ("mute", "VITALE_MUTE")])
@pytest.mark.parametrize("at", range(3))
def test_a_vitale_that_leaves_while_it_is_read_is_withdrawn_and_a_silent_one_mute(
    fault: str, status: str, at: int
) -> None:
    bench = Bench()
    client = bench.client()
    put_in(bench, Slot.PS)
    client.read_ps_card()
    client.verify_code(CODE)
    put_in(bench, Slot.VITALE, f"vitale.{fault}@{at}")
    with pytest.raises(StatusError) as caught:
        client.read_vitale()
    assert caught.value.status is Status[status]
    assert caught.value.status in READ_VITALE.statuses


@pytest.mark.parametrize("at", range(READING))
def test_a_card_that_wants_its_code_to_be_read_is_unusable(at: int) -> None:
    bench = Bench()
    put_in(bench, Slot.PS, f"ps.wrong@{at}:6982")
    with pytest.raises(StatusError) as caught:
        bench.client().read_ps_card()
    assert caught.value.status is Status.PS_CARD_UNUSABLE
    assert caught.value.status in READ_PS_CARD.statuses


def test_a_code_that_the_card_does_not_forget_is_lost_with_its_power() -> None:
    bench, commands = Bench(), 0
    for plan in ("", "ps.wrong@{}:6F00"):
        bench = Bench()
        counted = put_in(bench, Slot.PS, plan.format(commands))
        client = bench.client()
        client.read_ps_card()
        client.verify_code(CODE)
        commands = counted.commands
    other = bench.reader.attach("other")
    bench.reader.tick(HOLD_IDLE_MS + 1)
    assert bench.reader.app.cards.ps().code_presented
    assert raw(other, QUERY, Lad.PS).word & 0xFFF0 == Status.CODE_WRONG
    assert not bench.reader.app.cards.ps().code_presented


def test_signed_is_signed_also_when_the_card_does_not_forget_its_code() -> None:
    bench = Bench()
    load(bench.client(), documents(count=1))
    bench.unplug()
    bench.insert_vitale()
    counted = put_in(bench, Slot.PS)
    bench.press("VAL")
    bench.type_code()
    assert "1 FACTURE SIGNEE" in bench.text
    commands = counted.commands

    again = Bench()
    load(again.client(), documents(count=1))
    again.unplug()
    again.insert_vitale()
    put_in(again, Slot.PS, f"ps.wrong@{commands - 1}:6F00")
    again.press("VAL")
    again.type_code()
    assert again.text == bench.text
