"""Plans are one printable line, read back as they were, and refused when they make no sense."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tla_sim.protocol.t1.block import Block, Edc, Information
from tla_sim.tools.faults.kinds import KINDS, Counted
from tla_sim.tools.faults.line import LineFaults, forge_block
from tla_sim.tools.faults.plan import Fault, FaultPlan, PlanMalformed
from tla_sim.tools.faults.striking import Strikes

COUNTS = dict.fromkeys(Counted, 100)


@given(seed=st.integers(0, 2**32), faults=st.integers(0, 6))
def test_a_plan_is_one_line_that_reads_back(seed: int, faults: int) -> None:
    plan = FaultPlan.draw(seed, COUNTS, faults)
    text = str(plan)
    assert text.isprintable()
    assert " " not in text
    assert FaultPlan.parse(text) == plan


def test_all_kinds_are_drawn_sooner_or_later_and_the_same_for_a_seed() -> None:
    drawn = {fault.name for seed in range(400) for fault in FaultPlan.draw(seed, COUNTS, 2).faults}
    assert drawn == set(KINDS)
    assert FaultPlan.draw(9, COUNTS, 2) == FaultPlan.draw(9, COUNTS, 2)


def test_a_missing_value_is_the_usual_one() -> None:
    assert FaultPlan.parse("flash.cut@3").faults == (Fault("flash.cut", 3, "nothing"),)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("flash.burn@1", "There is no fault 'flash.burn'"),
        ("flash.cut", "flash.cut needs a number: flash.cut@N counts programs and erases of the flash"),
        ("line.bits@3:1e-4", "line.bits takes no number"),
        ("flash.cut@3:softly", "'softly' is not a value for flash.cut"),
        ("line.bits:2", "'2' is not a value for line.bits"),
        ("line.bits:nan", "'nan' is not a value for line.bits"),
        ("ps.pull@1:2", "ps.pull takes no value"),
        ("ps.pull@-1", "needs a whole number"),
        ("seed=x", "needs a whole number"),
        (",".join(["ps.pull@1"] * 65), "More than 64 faults"),
    ],
)
def test_what_is_no_plan_is_refused_with_a_reason(text: str, says: str) -> None:
    with pytest.raises(PlanMalformed, match=says.replace(".", r"\.")):
        FaultPlan.parse(text)


@given(st.text(max_size=60))
def test_any_text_is_a_plan_or_refused(text: str) -> None:
    try:
        plan = FaultPlan.parse(text)
    except PlanMalformed:
        return
    assert FaultPlan.parse(str(plan)) == plan


def test_a_bit_error_rate_is_kept() -> None:
    faults = LineFaults(Strikes(FaultPlan.parse("seed=3,line.bits:1e-3")))
    sent = bytes(200)
    flipped = sum(bin(byte).count("1") for _ in range(500) for byte in faults.damage(sent))
    assert 650 < flipped < 950


def test_lost_and_doubled_bytes_keep_their_rates() -> None:
    for name, sign in (("drop", -1), ("double", 1)):
        faults = LineFaults(Strikes(FaultPlan.parse(f"seed=3,line.{name}:1e-2")))
        change = sum(len(faults.damage(bytes(100))) - 100 for _ in range(1_000))
        assert 850 < sign * change < 1_150


def test_a_forged_block_has_other_content_and_a_sound_checksum() -> None:
    block = Block(0x21, Information(0, False), b"invoice").build(Edc.CRC)
    changed = Block.parse(forge_block(block, 11), Edc.CRC)
    assert changed.inf != b"invoice"
    assert bin(int.from_bytes(changed.inf, "big") ^ int.from_bytes(b"invoice", "big")).count("1") == 1


def test_the_values_that_a_kind_lists_are_those_that_it_takes() -> None:
    listed = {name: kind for name, kind in KINDS.items() if kind.choices}
    assert sorted(listed) == ["flash.cut", "host.kill", "reader.tear"]
    for name, kind in listed.items():
        assert kind.usual in kind.choices
        for value in kind.choices:
            assert FaultPlan.parse(f"{name}@0:{value}").faults == (Fault(name, 0, value),)
        assert len(set(kind.choices.values())) == len(kind.choices)
