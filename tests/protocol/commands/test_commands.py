"""Every declared command: its vectors, its codec against garbage, and that nothing declared is left out."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tla_sim.protocol import commands
from tla_sim.protocol.commands.command_set import COMMANDS, CommandSet
from tla_sim.protocol.commands.declaration import EMPTY, GENERAL_ERRORS, Authentication, Command
from tla_sim.protocol.commands.identity import IDENTIFY
from tla_sim.protocol.commands.instructions import Ins
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.errors import CodecError

RECORDS = [(command, record) for command in COMMANDS for record in (command.request, command.response)]


@pytest.mark.parametrize("command", list(COMMANDS), ids=lambda command: command.name)
def test_vectors_build_and_parse(command: Command[Any, Any]) -> None:
    assert command.vectors, "a command is declared with vectors"
    for value, text in command.vectors:
        record = command.request if isinstance(value, command.request.type) else command.response
        assert record.build(value).hex().upper() == text
        assert record.parse(bytes.fromhex(text)) == value


def test_every_structure_that_carries_data_has_a_vector() -> None:
    records = [record for command in COMMANDS for record in (command.request, command.response)]
    shown = {type(value) for command in COMMANDS for value, _ in command.vectors}
    assert {record.type for record in records if record.fields} <= shown


@pytest.mark.parametrize("command", list(COMMANDS), ids=lambda command: command.name)
def test_statuses_are_told_once_and_success_is_first(command: Command[Any, Any]) -> None:
    assert command.statuses[0] is Status.OK
    assert len(command.statuses) == len(frozenset(command.statuses))
    assert all(general in command.statuses for general in GENERAL_ERRORS)
    refuses = Status.NOT_AUTHENTICATED in command.statuses
    assert refuses is (command.needs is Authentication.PS_CODE)


@given(st.data())
def test_garbage_gives_the_typed_error_or_a_value_that_rebuilds(data: st.DataObject) -> None:
    _, record = data.draw(st.sampled_from(RECORDS))
    raw = data.draw(st.binary(max_size=120))
    try:
        value = record.parse(raw)
    except CodecError:
        return
    assert record.parse(record.build(value)) == value


@given(st.data())
def test_truncated_and_extended_vectors_are_refused(data: st.DataObject) -> None:
    command = data.draw(st.sampled_from([each for each in COMMANDS if each.vectors]))
    value, text = data.draw(st.sampled_from(command.vectors))
    record = command.request if isinstance(value, command.request.type) else command.response
    raw = bytes.fromhex(text)
    with pytest.raises(CodecError):
        record.parse(raw + b"\0")
    if raw:
        with pytest.raises(CodecError):
            record.parse(raw[: data.draw(st.integers(0, len(raw) - 1))])


def test_every_declared_command_is_listed() -> None:
    modules = [import_module(f"{commands.__name__}.{each.name}") for each in iter_modules(commands.__path__)]
    declared = [value for each in modules for value in vars(each).values() if isinstance(value, Command)]
    assert len(declared) >= len(COMMANDS)
    assert [each.name for each in declared if COMMANDS.get(each.ins) is not each] == []


def test_an_instruction_cannot_be_declared_twice() -> None:
    with pytest.raises(ValueError, match="command 10 identify is declared twice"):
        CommandSet((IDENTIFY, Command(Ins.IDENTIFY, "", EMPTY, EMPTY)))


def test_every_instruction_is_declared_as_a_command() -> None:
    assert [command.ins for command in COMMANDS] == sorted(Ins)


def test_every_status_has_both_languages_and_a_remedy() -> None:
    for status in Status:
        assert status.fr
        assert status.en
        wanted = status is not Status.OK
        assert (bool(status.fr_action), bool(status.en_action)) == (wanted, wanted), status.name


def test_wrong_code_statuses_are_one_meaning() -> None:
    assert Status.of(0x63C2) is Status.CODE_WRONG
    assert Status.of(0x9000) is Status.OK
    assert Status.of(0x1234) is None
