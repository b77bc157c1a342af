"""Inputs packed and unpacked, cut anywhere, and refused when damaged."""

from __future__ import annotations

import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tla_sim.protocol.errors import CodecError
from tla_sim.tools.simulator.history.input_log import InputLog, count_steps, take, unpack
from tla_sim.tools.simulator.history.inputs import REPEATABLE, Input, Op

INPUTS = st.builds(
    Input,
    st.sampled_from([op for op in Op if op not in REPEATABLE]),
    st.integers(0, 2**63),
    st.integers(0, 2**63),
    st.binary(max_size=300),
) | st.builds(Input, st.sampled_from(REPEATABLE), st.just(1), st.integers(0, 3), st.just(b""))


def log_of(inputs: list[Input]) -> InputLog:
    """A log to which these were added one by one."""
    log = InputLog()
    for each in inputs:
        log.add(*each)
    return log


def single(inputs: list[Input]) -> list[Input]:
    """The same inputs, each as often as it was made."""
    return [
        each._replace(subject=1) if each.op in REPEATABLE else each
        for each in inputs
        for _ in range(each.subject if each.op in REPEATABLE else 1)
    ]


@given(st.lists(INPUTS, max_size=40))
def test_what_is_packed_comes_out(inputs: list[Input]) -> None:
    log = log_of(inputs)
    packed = log.build()
    assert log.steps == len(inputs) == count_steps(packed)
    assert single(list(unpack(packed))) == single(list(log)) == inputs


@given(st.lists(INPUTS, max_size=30), st.data())
def test_a_log_is_cut_at_any_step(inputs: list[Input], data: st.DataObject) -> None:
    log = log_of(inputs)
    at = data.draw(st.integers(0, len(inputs)))
    assert single(list(take(log, at))) == inputs[:at]
    log.cut(at)
    assert (log.steps, single(list(log))) == (at, inputs[:at])
    log.add(Op.UNPLUG)
    assert single(list(log))[-1] == Input(Op.UNPLUG)


def test_only_equal_ticks_are_counted_together() -> None:
    log = log_of([Input(Op.TICK, 1, 5)] * 3 + [Input(Op.TICK, 1, 15), Input(Op.FOLLOW, 1, 15)])
    assert list(log) == [Input(Op.TICK, 3, 5), Input(Op.TICK, 1, 15), Input(Op.FOLLOW, 1, 15)]


@pytest.mark.parametrize("at", [0, 1_999, 2_000, 2_001, 4_500, 5_000])
def test_a_log_of_several_segments_is_cut(at: int) -> None:
    inputs = [Input(Op.EXCHANGE, number, 0, bytes(3)) for number in range(5_000)]
    log = log_of(inputs)
    log.cut(at)
    log.extend(inputs[at:])
    assert list(unpack(log.build())) == inputs


@given(st.lists(INPUTS, min_size=1, max_size=10), st.data())
def test_damage_is_refused_or_changes_what_is_read(inputs: list[Input], data: st.DataObject) -> None:
    packed = log_of(inputs).build()
    at = data.draw(st.integers(0, len(packed) - 1))
    cut = packed[:at]
    try:
        assert len(single(list(unpack(cut)))) < len(inputs)
    except CodecError:
        assert at < len(packed)


@given(st.binary(max_size=60))
def test_any_bytes_are_refused_in_a_typed_way(data: bytes) -> None:
    for packed in (data, zlib.compress(data)):
        segment = len(packed).to_bytes(4, "big") + packed
        for each in (packed, segment):
            with suppress(CodecError):
                assert b"".join(read.data for read in unpack(each)) in data
