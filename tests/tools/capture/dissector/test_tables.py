"""The tables of the dissectors: every declaration is in them, and each field has a name of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tla_sim.protocol.card_instructions import CardIns
from tla_sim.protocol.commands.capability import Capability
from tla_sim.protocol.commands.command_set import COMMANDS
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.groups.dictionary import DICTIONARY
from tla_sim.protocol.slot_order import SlotOrder
from tla_sim.protocol.t1.block import Edc
from tla_sim.protocol.wire.record import Record
from tla_sim.tools.capture.dissector.tables import tables

TABLES: Any = tables()
FILTER = re.compile(r"[a-z0-9_.]+")


def names(prefix: str, fields: list[Any]) -> Iterator[str]:
    for field in fields:
        name = f"{prefix}.{field['name']}"
        yield name
        if field["form"] == "many":
            yield f"{name}.item"
            yield from names(name, field["item"].get("fields", []))


def all_names() -> Iterator[str]:
    for command in TABLES["commands"].values():
        yield from names(f"{command['name']}.request", command["request"])
        yield from names(f"{command['name']}.answer", command["answer"])
    yield from names("slot", TABLES["slot_state"])
    yield from names("document", TABLES["document"])
    yield from names("block", TABLES["signed_part"])
    yield from (f"group.{name}" for name in TABLES["groups"]["fields"])


def test_every_field_has_a_filter_name_of_its_own() -> None:
    found = list(all_names())
    assert len(set(found)) == len(found)
    assert all(FILTER.fullmatch(name) for name in found)


def check_record(record: Record[Any], told: list[Any]) -> None:
    assert [each["name"] for each in told] == list(record.fields)
    for wire, each in zip(record.fields.values(), told, strict=True):
        assert each["text"] == wire.doc
        if wire.nested is not None:
            check_record(wire.nested, each["item"]["fields"])
        if wire.enum is not None:
            assert set(each["enum"]) == {int(member) for member in wire.enum}


def test_every_declaration_is_there() -> None:
    assert list(TABLES["commands"]) == [command.ins for command in COMMANDS]
    for command in COMMANDS:
        check_record(command.request, TABLES["commands"][command.ins]["request"])
        check_record(command.response, TABLES["commands"][command.ins]["answer"])
    assert {int(status) for status in Status} <= set(TABLES["words"])
    assert TABLES["words"][0x63C2] == "Wrong code porteur (2 tries left)"
    assert set(TABLES["card"]) == set(map(int, CardIns))
    assert set(TABLES["orders"]) == set(map(int, SlotOrder))
    assert [each["name"] for each in TABLES["capabilities"]] == [each.name for each in Capability]
    assert set(TABLES["groups"]["today"]) == set(map(str, DICTIONARY))
    for number, declared in DICTIONARY.items():
        told = TABLES["groups"]["today"][str(number)]["fields"]
        assert {place: each["name"] for place, each in told.items()} == {
            field.number: field.name for field in declared.fields
        }


def test_the_table_of_the_crc_is_that_of_our_blocks() -> None:
    data = b"123456789"
    high, low = 0xFF, 0xFF
    for byte in data:
        place = low ^ byte
        high, low = TABLES["crc_high"][place], high ^ TABLES["crc_low"][place]
    assert bytes((high, low)) == Edc.CRC.of(data)
