"""SSV groups: every declared group travels and comes back; garbage is refused by name."""

from __future__ import annotations

import dataclasses
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.protocol.groups.typed_groups import typed_groups
from tla_sim.protocol.birth_date import BirthDate
from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.groups.declaration import Group, decode_typed, encode_typed
from tla_sim.protocol.groups.dictionary import DICTIONARY
from tla_sim.protocol.groups.invoice import InvoiceBeneficiary, Totals
from tla_sim.protocol.groups.line import GroupData, decode_groups, encode_groups
from tla_sim.protocol.groups.vitale import Insured


@given(st.lists(typed_groups(), max_size=6))
def test_typed_groups_come_back_as_they_were(groups: list[Group]) -> None:
    assert list(decode_typed(encode_typed(groups))) == groups


@given(st.binary(max_size=80))
def test_garbage_is_refused_or_rebuilds(raw: bytes) -> None:
    try:
        groups = decode_groups(raw)
    except CodecError:
        return
    assert encode_groups(groups) == raw


@given(st.lists(typed_groups(), min_size=1, max_size=3), st.data())
def test_truncated_groups_are_refused(groups: list[Group], data: st.DataObject) -> None:
    raw = encode_typed(groups)
    with pytest.raises(CodecError):
        decode_groups(raw[: data.draw(st.integers(0, len(raw) - 1))])


def test_the_wire_form_is_the_one_documented() -> None:
    raw = encode_typed([Totals(total=15620, fund=15620)])
    assert raw.hex() == "0001" + "393134301f" + "31353632301f" * 2 + "301f" * 3 + "1d"


def test_the_public_groups_have_the_public_field_numbers() -> None:
    numbers = {
        (2, "billing_number"): 9,
        (2, "may_sign_invoice"): 20,
        (2, "may_sign_lot"): 21,
        (61, "component_checksum"): 9,
        (101, "nir"): 8,
        (104, "birth_date"): 12,
        (1110, "rectified_number"): 5,
        (1130, "coverage_code"): 7,
        (1310, "computing_centre"): 5,
        (40, "management_code"): 9,
        (41, "situation_code"): 20,
        (62, "regime"): 5,
        (64, "version"): 3,
        (101, "management_code"): 13,
        (103, "identifier_2"): 9,
        (107, "sts_switch"): 6,
        (108, "end"): 2,
        (109, "routing_code"): 7,
    }
    for (group, name), number in numbers.items():
        found = [field.number for field in DICTIONARY[group].fields if field.name == name]
        assert found == [number], (group, name)
    assert len(DICTIONARY[1321].fields) == 13


def test_what_was_added_later_leaves_the_groups_of_former_cards_as_they_were() -> None:
    insured = Insured(card_type="T", card_serial="1", nir="1550899999001", nir_key="34", management_code="10")
    assert len(insured.to_data().fields) == 13
    assert replace(insured, family="X").to_data().fields[12:] == ("10", "X")
    assert Insured.from_data(insured.to_data()) == insured


@pytest.mark.parametrize(
    ("field", "text", "expected"),
    [
        (3, "1A", "digits"),
        (2, "", "must not be empty"),
        (5, "12", "at most 1 "),
        (2, "x" * 14, "at most 13 "),
    ],
)
def test_a_bad_field_is_named(field: int, text: str, expected: str) -> None:
    good = InvoiceBeneficiary(
        nir="1550775001001", nir_key="12", birth_date=BirthDate("19550701"), birth_rank="1"
    )
    texts = list(good.to_data().fields)
    texts[field - 1] = text
    with pytest.raises(CodecError, match=rf"Group 1130 field {field} .*{expected}"):
        InvoiceBeneficiary.from_data(GroupData(1130, tuple(texts)))


def test_an_unknown_group_and_too_many_fields_are_refused() -> None:
    with pytest.raises(CodecError, match="not in the dictionary"):
        decode_typed(encode_groups([GroupData(7, ("x",))]))
    with pytest.raises(CodecError, match="more than declared"):
        decode_typed(encode_groups([GroupData(9140, ("1",) * 6)]))


def test_every_group_says_where_it_is_known_from() -> None:
    for declaration in DICTIONARY.values():
        assert declaration.name
        assert declaration.source
        assert dataclasses.is_dataclass(declaration.type)
        assert [field.number for field in declaration.fields] == sorted(
            frozenset(field.number for field in declaration.fields)
        )
