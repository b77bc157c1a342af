"""Shrinking: what is left still fails, nothing more can be taken from it, and the budget is kept."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tla_sim.tools.fuzz.case import Case, Step
from tla_sim.tools.fuzz.shrink import BUDGET, shrink

CASES = st.lists(st.builds(Step, st.sampled_from("abc"), st.just(""), st.binary(max_size=20)), max_size=12)


def acts(case: Case) -> str:
    return "".join(step.act for step in case)


def test_only_the_steps_that_make_it_fail_are_left() -> None:
    case = tuple(Step(act, "", b"") for act in "xxaxxxxbxxxxxxcxx")

    def fails(tried: Case) -> bool:
        left = iter(acts(tried))
        return all(act in left for act in "abc")

    assert acts(shrink(case, fails)) == "abc"


def test_only_the_bytes_that_make_it_fail_are_left_and_the_others_are_zero() -> None:
    case = (Step("send", "5", bytes(range(1, 60)) + b"!" + bytes(range(60, 100))),)
    assert shrink(case, lambda tried: b"!" in tried[0].data) == (Step("send", "5", b"!"),)
    kept = shrink(case, lambda tried: len(tried[0].data) > 30 and tried[0].data[30] == 31)
    assert kept == (Step("send", "5", bytes(30) + bytes([31])),)


def test_long_bytes_are_shortened_but_not_made_simple() -> None:
    case = (Step("send", "", b"x" * 200),)
    (step,) = shrink(case, lambda tried: len(tried[0].data) >= 100)
    assert step.data == b"x" * 100


def test_a_case_that_fails_only_whole_stays_as_it_is() -> None:
    case = tuple(Step(act, "", b"12") for act in "abcd")
    assert shrink(case, lambda tried: tried == case) == case


def test_no_more_runs_are_made_than_allowed() -> None:
    runs: list[Case] = []

    def fails(tried: Case) -> bool:
        runs.append(tried)
        return True

    case = tuple(Step("a", "", bytes(300)) for _ in range(300))
    assert len(shrink(case, fails, runs=3)) < len(case)
    assert len(runs) == 3
    runs.clear()
    shrink(case, lambda tried: fails(tried) and len(tried) == 300)
    assert len(runs) == BUDGET


@given(CASES, st.sampled_from("abc"), st.integers(1, 3))
def test_what_is_left_fails_and_is_no_longer(steps: list[Step], act: str, times: int) -> None:
    def fails(tried: Case) -> bool:
        return acts(tried).count(act) >= times

    left = shrink((*steps, *[Step(act, "", b"1")] * times), fails)
    assert fails(left)
    assert len(left) == times
    assert all(step.data == b"" for step in left)
