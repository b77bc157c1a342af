"""A few points of each exploration find nothing, with a fixed seed; the soak goes over whole slices."""

from __future__ import annotations

import pytest

from tla_sim.tools.explore.explorations import EXPLORATIONS, Part, explore, numbers_of, recording
from tla_sim.tools.explore.flash import FlashExplorer
from tla_sim.tools.explore.people import OWNERS, documents
from tla_sim.tools.explore.plan_run import run_plan
from tla_sim.tools.faults.kinds import KINDS, TEARS, Counted
from tla_sim.tools.faults.plan import FaultPlan

FIXED_SEED = 5
MOST_NUMBERS = 3

# One number of the deep exploration is a whole recovery cut at each operation, many seconds of work;
# tests/reader_fw/app/store/test_cuts.py cuts twice, too.
BRIEF = [name for name in EXPLORATIONS if name != "deep"]


@pytest.mark.parametrize("name", BRIEF)
def test_points_all_over_a_slice_find_nothing(name: str) -> None:
    numbers = numbers_of(EXPLORATIONS[name], False, FIXED_SEED)
    part = Part(name)
    EXPLORATIONS[name].explore(part, numbers[:: len(numbers) // MOST_NUMBERS + 1])
    assert part.points
    assert part.violations == []


def test_the_round_has_three_owners_twelve_invoices_a_wrong_code_and_a_cancelled_invoice() -> None:
    known = recording()
    assert len(OWNERS) == 3
    assert len(documents()) == 12
    assert any(state.name == "CANCELLED" for view in known.views for _, state, _ in view)
    assert any(cards["PIQURE2969 MAYA"].code.tries_left == 2 for cards in known.cards)  # type: ignore[union-attr]


def test_an_update_is_cut_before_and_after_it_switches() -> None:
    total = Part("update")
    for part, _ in explore(["update"], whole=True, seed=FIXED_SEED, processes=1):
        total.add(part)
    assert total.violations == []
    assert total.points > 4 * numbers_of(EXPLORATIONS["update"], True, 1)[-1]
    assert total.figures["old version runs"] > 0
    assert total.figures["new version runs"] > 0


def test_every_operation_is_torn_in_at_least_five_ways() -> None:
    explorer = FlashExplorer(recording())
    assert len(TEARS) >= 5
    images = sum(len(explorer.replayer.tears(point)) for point in range(len(recording().log)))
    assert images > 4 * len(recording().log)


def test_a_full_run_goes_over_every_fault_point() -> None:
    counts = recording().counts
    assert numbers_of(EXPLORATIONS["flash"], True, 1) == list(range(len(recording().log)))
    ledger = numbers_of(EXPLORATIONS["ledger"], True, 1)
    assert len(ledger) == 3 * counts[Counted.LEDGER_WRITES]
    assert len(numbers_of(EXPLORATIONS["noise"], True, 1)) == 10_000
    assert len(numbers_of(EXPLORATIONS["pairs"], True, 1)) == 1_000


@pytest.mark.share(2)
@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_fault_strikes_and_the_round_completes(name: str) -> None:
    kind = KINDS[name]
    usual = f":{kind.usual}" if kind.usual else ""
    number = "" if kind.counted is Counted.NOTHING else "@3"
    judged = run_plan(FaultPlan.parse(f"seed=4,{name}{number}{usual}"))
    assert judged.violation == ""
    assert judged.struck == 1


def test_a_plan_gives_the_same_run_each_time() -> None:
    plan = FaultPlan.parse("seed=11,line.bits:1e-3,flash.cut@60:half-bits,ps.pull@70")
    assert run_plan(plan) == run_plan(plan)


def test_a_flat_battery_in_the_middle_of_a_noisy_push_ends() -> None:
    plan = FaultPlan.parse("seed=11,reader.flat@8,line.bits:1e-3")
    assert run_plan(plan).violation == ""
