"""The table of resources and the blocks of the dump: from galss.ini, or the usual ones."""

from __future__ import annotations

import pytest

from tla_sim.host.ssv.server.galss.blocks import (
    CHANNEL_BLOCK,
    LAD_BLOCK,
    NAME_BLOCK,
    PAD_BLOCK,
    Table,
    blocks_of,
)
from tla_sim.host.ssv.server.galss.resources import (
    RESOURCE_INFO,
    ResourceInfo,
    pack_resources,
    padded,
    port_name,
    resources_of,
    usual_resources,
)
from tla_sim.host.transport.galss.configuration import configuration
from tla_sim.host.transport.galss.sample import sample

GALSS, PORTS = sample("/dev/ttyUSB7", 9600)


def named(info: ResourceInfo) -> tuple[str, str, int]:
    return info.alias.rstrip(b"\0").decode(), info.name.rstrip(b"\0").decode(), info.lad


def test_each_resource_and_each_alias_has_a_line() -> None:
    found = resources_of(configuration(GALSS.encode(), PORTS.encode()))
    assert [named(each) for each in found] == [
        ("CPS", "CPS", 1),
        ("TRANSPA1", "CPS", 1),
        ("Log_SV", "Log_SV", 0),
        ("Vitale", "Vitale", 2),
        ("TRANSPA2", "Vitale", 2),
    ]
    assert {(each.pad, each.channel, each.kind, each.connection, each.protocol) for each in found} == {
        (2, 1, 1, 1, 0)
    }


def test_without_a_file_the_usual_ones_are_as_in_the_sample() -> None:
    assert usual_resources() == resources_of(configuration(GALSS.encode(), PORTS.encode()))


def test_lines_travel_one_behind_the_other_in_26_bytes() -> None:
    found = usual_resources()
    raw = pack_resources(found)
    assert len(raw) == 26 * len(found)
    assert RESOURCE_INFO.parse(raw[26:52]) == found[1]
    assert raw[:22] == b"CPS".ljust(9, b"\0") * 2 + b"\x01\x02\x01\x01"


@pytest.mark.parametrize("text", ["", "abc", "abcdefgh", "abcdefghi", "ééééé", "x" * 40])
def test_a_padded_text_ends_with_nul_and_is_whole_letters(text: str) -> None:
    raw = padded(text, 9)
    assert len(raw) == 9
    assert raw.endswith(b"\0")
    assert text.startswith(raw.rstrip(b"\0").decode())


def test_the_blocks_say_what_is_where_and_held() -> None:
    found = configuration(GALSS.encode(), PORTS.encode())
    resources = resources_of(found)
    ports = {each.number: port_name(each) for each in found.channels}

    def blocks(table: Table) -> list[bytes]:
        return blocks_of(table, resources, ports.__getitem__, lambda lad: lad == 2)

    (channel,) = blocks(Table.CHANNELS)
    assert len(channel) == 90
    assert CHANNEL_BLOCK.parse(channel).port.rstrip(b"\0") == b"/dev/ttyUSB7"
    assert CHANNEL_BLOCK.parse(channel).exclusivity == 1
    (pad,) = blocks(Table.PADS)
    assert len(pad) == 44
    assert PAD_BLOCK.parse(pad).address == 2
    lads = [LAD_BLOCK.parse(each) for each in blocks(Table.LADS)]
    assert [(each.address, each.exclusivity) for each in lads] == [(1, 0), (0, 0), (2, 1)]
    names = [NAME_BLOCK.parse(each) for each in blocks(Table.NAMES)]
    assert [(each.position, each.name.rstrip(b"\0")) for each in names] == [
        (0, b"CPS"),
        (1, b"TRANSPA1"),
        (0, b"Log_SV"),
        (0, b"Vitale"),
        (1, b"TRANSPA2"),
    ]
