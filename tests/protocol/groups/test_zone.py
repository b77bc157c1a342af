"""Memory zones: every declared group travels and comes back; what the field has is read to the byte."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.protocol.groups.typed_groups import typed_groups
from tla_sim.protocol.groups.declaration import Group
from tla_sim.protocol.groups.zone import (
    ZoneData,
    ZoneError,
    decode_zone,
    decode_zone_data,
    encode_zone,
    encode_zone_data,
)

_FIELDS = st.lists(st.binary(max_size=300), max_size=8).map(tuple)
_GROUPS = st.lists(st.builds(ZoneData, st.integers(0, 65_535), _FIELDS), max_size=6)


def as_zoned(group: Group) -> Group:
    """Return what a zone keeps of the group: moments to the minute, and not what only our line has."""
    kept: dict[str, Any] = {}
    for field in group.DECLARATION.fields:
        value = getattr(group, field.name)
        if not field.zoned:
            kept[field.name] = None
        elif isinstance(value, datetime):
            kept[field.name] = value.replace(second=0)
    return dataclasses.replace(group, **kept)  # type: ignore[type-var]


@given(st.lists(typed_groups(), max_size=6))
def test_typed_groups_come_back_from_a_zone(groups: list[Group]) -> None:
    assert list(decode_zone(encode_zone(groups))) == [as_zoned(group) for group in groups]


@given(_GROUPS)
def test_any_groups_come_back_from_a_zone(groups: list[ZoneData]) -> None:
    assert list(decode_zone_data(encode_zone_data(groups))) == groups


@given(st.lists(typed_groups(), min_size=1, max_size=1), st.data())
def test_a_group_cut_short_is_refused(groups: list[Group], data: st.DataObject) -> None:
    raw = encode_zone(groups)
    with pytest.raises(ZoneError):
        decode_zone(raw[: data.draw(st.integers(1, len(raw) - 1))])
