"""The grammar follows the declarations: whatever is declared can be generated, sound and flawed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tla_sim.protocol.apdu import CommandApdu
from tla_sim.protocol.commands.command_set import COMMANDS
from tla_sim.protocol.commands.declaration import Command
from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.t1.block import Block, Edc
from tla_sim.tools.fuzz.chance import BytesChance, SeededChance
from tla_sim.tools.fuzz.grammar import record_node
from tla_sim.tools.fuzz.mutation import Flaw, write
from tla_sim.tools.testing.strategies import apdus, blocks, flawed, requests, responses

ALL = list(COMMANDS)


@pytest.mark.parametrize("command", ALL, ids=lambda command: command.name)
def test_every_declared_record_has_a_grammar_and_sound_values_parse(command: Command[Any, Any]) -> None:
    for record in (command.request, command.response):
        assert len(record_node(record).parts) == len(record.fields)
        for seed in range(40):
            try:
                value = record.parse(write(record, SeededChance(f"{command.name} {seed}"), Flaw.VALID))
            except CodecError as error:
                raise AssertionError(f"{record} refuses what the grammar calls valid: {error}") from None
            assert record.parse(record.build(value)) == value


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_strategies_give_values_that_travel(data: st.DataObject) -> None:
    command = data.draw(st.sampled_from(ALL))
    for record, strategy in ((command.request, requests(command)), (command.response, responses(command))):
        value = data.draw(strategy)
        assert record.parse(record.build(value)) == value


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_truncated_and_oversized_requests_are_refused(data: st.DataObject) -> None:
    command = data.draw(st.sampled_from(ALL))
    raw = data.draw(flawed(command.request, [Flaw.TRUNCATED, Flaw.OVERSIZED]))
    try:
        value = command.request.parse(raw)
    except CodecError:
        return
    assert command.request.build(value) == raw


@settings(max_examples=60, deadline=None)
@given(apdus(), blocks())
def test_apdus_and_blocks_are_whole(apdu: bytes, block: bytes) -> None:
    assert CommandApdu.parse(apdu).cla == 0x80
    assert Block.parse(block, Edc.CRC).build(Edc.CRC) == block


def test_the_same_choices_give_the_same_bytes() -> None:
    record = ALL[5].response
    assert write(record, SeededChance("a"), Flaw.RAW) == write(record, SeededChance("a"), Flaw.RAW)
    assert write(record, BytesChance(b"abc"), Flaw.RAW) == write(record, BytesChance(b"abc"), Flaw.RAW)
