"""Time that cards take passes inside the reader: nobody outside counts it."""

from __future__ import annotations

import pytest

from tests.reader_kit import Bench
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.cards.key_commands import SIGNING_MS
from tla_sim.tools.cast.images import ps_image, vitale_image
from tla_sim.tools.cast.invoices import documents
from tla_sim.tools.cast.loading import load
from tla_sim.tools.cast.people import MAYA, MORNING, NURSE


class SlowCard(Card):
    """A card that takes a quarter of a second for every command."""

    @property
    def latency_ms(self) -> int:
        """As long for each."""
        return 250


@pytest.fixture
def visit() -> Bench:
    """Off the cable, with one invoice to certify and the nurse's card in."""
    bench = Bench()
    load(bench.client(), documents(NURSE, 1))
    bench.unplug()
    bench.insert_ps()
    return bench


def now(bench: Bench) -> int:
    return bench.reader.board.clock.now_ms


def test_a_key_takes_what_the_cards_sign(visit: Bench) -> None:
    visit.insert_vitale()
    visit.press("VAL", *"1234")
    before = now(visit)
    visit.press("VAL")
    assert visit.text.startswith("1 FACTURE SIGNEE")
    assert now(visit) - before >= 2 * SIGNING_MS


def test_a_key_that_asks_nothing_of_a_card_takes_none(visit: Bench) -> None:
    visit.press("UP", "DOWN", "MENU", "ANN")
    assert now(visit) == MORNING


def test_reading_a_card_that_is_put_in_takes_its_time(visit: Bench) -> None:
    visit.reader.insert(Slot.VITALE, SlowCard(vitale_image(), visit.entropy))
    assert visit.text.startswith("MARTIN PAUL")
    assert now(visit) - MORNING >= 250


def test_what_a_visit_took_is_not_charged_to_the_next_command(visit: Bench) -> None:
    visit.reader.insert(Slot.VITALE, SlowCard(vitale_image(), visit.entropy))
    client = visit.client()
    before = now(visit)
    client.identify()
    assert now(visit) == before


def test_a_command_is_answered_when_its_cards_are_done() -> None:
    bench = Bench()
    client = bench.client()
    bench.reader.insert(Slot.PS, SlowCard(ps_image(MAYA), bench.entropy))
    client.read_ps_card()
    assert now(bench) - MORNING >= 250


def test_in_real_time_the_clock_does_not_run_ahead_for_good(visit: Bench) -> None:
    visit.insert_vitale()
    visit.press("VAL", *"1234", "VAL")
    ahead = now(visit) - MORNING
    visit.reader.follow(ahead - 1)
    assert now(visit) == MORNING + ahead
    visit.reader.follow(1_001)
    assert now(visit) == MORNING + ahead + 1_000
