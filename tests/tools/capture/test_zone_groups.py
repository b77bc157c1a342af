"""Whatever the bytes of a zone, something is shown, and nothing of them is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tla_sim.protocol.groups.reader import ConfigurationHeader, SsvComponent
from tla_sim.protocol.groups.zone import encode_zone
from tla_sim.tools.capture.zone_groups import ShownField, show_zone

ZONE = encode_zone([ConfigurationHeader(ssv_version="4.03"), SsvComponent(body_tables=3)])


def test_groups_are_shown_by_their_declarations() -> None:
    zone = show_zone(ZONE)
    assert [each.number for each in zone.groups] == [60, 62]
    assert zone.groups[0].fields == (ShownField("ssv_version", "version SSV", "4.03"),)
    assert not zone.rest
    assert not zone.problem


def test_a_field_that_cannot_be_read_is_hex_with_the_reason() -> None:
    zone = show_zone(bytes.fromhex("003D0301FF00"))
    (group,) = zone.groups
    assert group.problem
    assert group.fields[0].value == "ff"


def test_a_group_that_nobody_declares_is_hex() -> None:
    (group,) = show_zone(bytes.fromhex("FFF00302AABB")).groups
    assert (group.number, group.name, group.fields[0].value) == (0xFFF0, "", "aabb")
    assert group.problem


@given(st.binary(max_size=80), st.integers(0, len(ZONE)))
def test_any_bytes_are_shown(raw: bytes, cut: int) -> None:
    show_zone(raw)
    zone = show_zone(ZONE[:cut] + raw)
    assert (ZONE[:cut] + raw).endswith(zone.rest)
    assert bool(zone.rest) == bool(zone.problem)
