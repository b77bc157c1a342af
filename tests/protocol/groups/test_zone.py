"""Memory zones: every declared group travels and comes back; what the field has is read to the byte."""

from __future__ import annotations

import dataclasses
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.protocol.groups.typed_groups import typed_groups
from tla_sim.protocol.birth_date import BirthDate
from tla_sim.protocol.groups.complementary import Amc, Mutuelle, MutuellePeriod
from tla_sim.protocol.groups.declaration import Group, decode_typed, encode_typed
from tla_sim.protocol.groups.dictionary import DICTIONARY
from tla_sim.protocol.groups.kinds import Kind
from tla_sim.protocol.groups.ps_card import PsSituation
from tla_sim.protocol.groups.reader import ReaderConfiguration
from tla_sim.protocol.groups.ssv_calls import MAX_CONTENT, FilePart, HeldDocument
from tla_sim.protocol.groups.vitale import Beneficiary, CommonZone, FamilyService, Insured, RightsPeriod
from tla_sim.protocol.groups.zone import (
    MAX_ZONE_BYTES,
    MAX_ZONE_GROUPS,
    ZoneData,
    ZoneError,
    decode_zone,
    decode_zone_data,
    encode_zone,
    encode_zone_data,
    zone_length,
)

VECTORS = json.loads((Path(__file__).resolve().parents[2] / "cases" / "group-vectors.json").read_bytes())
"""One occurrence of every group, on our line and in a zone, with a value in every field."""

COUNTS = {
    **{1: 7, 2: 21, 40: 9, 41: 20, 60: 3, 61: 9, 62: 6, 63: 4, 64: 3, 101: 14, 102: 3, 103: 9, 104: 18},
    **{105: 2, 106: 4, 107: 6, 108: 2, 109: 12, 111: 1},
}
"""How many fields the field's groups have."""

INSURED = Insured(
    card_type="T",
    card_serial="58666425",
    card_end=date(2015, 12, 31),
    holder_id_type="00",
    nir="1550899999001",
    nir_key="34",
    regime="01",
    fund="349",
    centre="9881",
    management_code="10",
)
WHO = Beneficiary(
    usual_name="A", first_name="B", birth_date=BirthDate("19422000"), birth_rank="1", quality="0"
)

_FIELDS = st.lists(st.binary(max_size=300), max_size=8).map(tuple)
_GROUPS = st.lists(st.builds(ZoneData, st.integers(0, 65_535), _FIELDS), max_size=6)


def as_zoned(group: Group) -> Group:
    """What a zone keeps of the group: moments to the minute, and not what only our line has."""
    kept: dict[str, Any] = {}
    for field in group.DECLARATION.fields:
        value = getattr(group, field.name)
        if not field.zoned:
            kept[field.name] = None
        elif isinstance(value, datetime):
            kept[field.name] = value.replace(second=0)
    return dataclasses.replace(group, **kept)  # type: ignore[type-var]


def zone(number: int, *fields: bytes) -> bytes:
    """A zone of one group with these fields, and as many empty ones as its group lacks."""
    missing = DICTIONARY[number].zone_count - len(fields)
    return encode_zone_data([ZoneData(number, (*fields, *[b""] * missing))])


@given(st.lists(typed_groups(), max_size=6))
def test_typed_groups_come_back(groups: list[Group]) -> None:
    assert list(decode_zone(encode_zone(groups))) == [as_zoned(group) for group in groups]


@given(_GROUPS)
def test_any_groups_come_back(groups: list[ZoneData]) -> None:
    assert list(decode_zone_data(encode_zone_data(groups))) == groups


@given(st.binary(max_size=80))
def test_garbage_is_refused_or_means_one_thing(raw: bytes) -> None:
    try:
        groups = decode_zone_data(raw)
    except ZoneError:
        return
    again = encode_zone_data(groups)
    assert decode_zone_data(again) == groups
    assert len(again) <= len(raw)


def test_a_group_cut_short_is_refused_at_every_byte() -> None:
    for number, vector in VECTORS.items():
        raw = bytes.fromhex(vector["zone"])
        for length in range(1, len(raw)):
            with pytest.raises(ZoneError, match=rf"ends inside (group {number}|the number of a group)\."):
                decode_zone_data(raw[:length])
        with pytest.raises(ZoneError):
            decode_zone_data(raw + b"\0")


def test_every_group_has_its_vector_in_both_forms() -> None:
    assert [int(number) for number in VECTORS] == list(DICTIONARY)
    for vector in VECTORS.values():
        (on_line,) = decode_typed(bytes.fromhex(vector["line"]))
        assert encode_typed([on_line]).hex() == vector["line"]
        assert encode_zone([on_line]).hex() == vector["zone"]
        assert decode_zone(bytes.fromhex(vector["zone"])) == (as_zoned(on_line),)


def test_the_groups_of_the_field_have_as_many_fields_as_the_field_says() -> None:
    assert {number: DICTIONARY[number].zone_count for number in COUNTS} == COUNTS


def test_the_fields_example_is_read_and_written() -> None:
    raw = bytes.fromhex(
        "0065 3F 0154 083538363636343235 0C323031353132333130303030 00 00 00 023030"
        "0D31353530383939393939303031 023334 023031 03333439 0439383831 023130 00"
    )
    assert len(raw) == 3 + 63
    assert decode_zone(raw) == (INSURED,)
    assert encode_zone([INSURED]) == raw


@pytest.mark.parametrize(
    ("group", "raw"),
    [
        (
            Mutuelle(identifier="02400000", guarantees="OOOOONON", sts_switch="M"),
            "006B 17 083032343030303030 084F4F4F4F4F4E4F4E 00 00 00 014D",
        ),
        (MutuellePeriod(start=date(2019, 1, 1)), "006C 0E 0C323031393031303130303030 00"),
        (
            Amc(identifier="99999997", member="D22", end=date(2035, 12, 31)),
            "006D 23 083939393939393937 00 03443232 00 00 0C323033353132333130303030 00 00 00 00 00 00",
        ),
        (FamilyService(code="00"), "0066 05 023030 00 00"),
        (CommonZone(content="é"), "006F 03 02C3A9"),
        (FilePart(position=1, content=b"\0\x1f"), "246A 05 0131 02001F"),
        (FilePart(position=1, content=b"A" * 200), "246A 81CC 0131 81C8" + "41" * 200),
        (FilePart(position=1, content=b"A" * 256), "246A 820105 0131 820100" + "41" * 256),
    ],
)
def test_a_group_in_a_zone(group: Group, raw: str) -> None:
    assert encode_zone([group]).hex() == raw.replace(" ", "").lower()
    assert decode_zone(bytes.fromhex(raw)) == (group,)


def test_the_number_of_a_situation_is_one_raw_byte() -> None:
    situation = PsSituation(logical_number=1, billing_number="75600001")
    raw = encode_zone([situation])
    assert raw[:6].hex() == "000220010100"
    assert decode_zone(raw) == (situation,)
    assert situation.to_data().fields[0] == "1"
    (highest,) = decode_zone(zone(2, b"\xff", *[b""] * 7, b"75600001"))
    assert isinstance(highest, PsSituation)
    assert highest.logical_number == 255
    with pytest.raises(ZoneError, match=r"Group 2 field 1 .*one byte"):
        encode_zone([dataclasses.replace(situation, logical_number=256)])


def test_a_component_keeps_its_day_on_our_line_alone() -> None:
    component = ReaderConfiguration(
        manufacturer="M",
        serial_number="1",
        reader_moment=datetime(2019, 3, 5, 8, 30, 59),
        component_date=date(2018, 1, 1),
    )
    assert component.to_data().fields[7::2] == ("20190305083059", "20180101")
    (data,) = decode_zone_data(encode_zone([component]))
    assert (len(data.fields), data.fields[7]) == (9, b"201903050830")


@pytest.mark.parametrize(
    ("written", "day"),
    [
        (b"201903050000", date(2019, 3, 5)),
        (b"201903052359", date(2019, 3, 5)),
        (b"20190305", date(2019, 3, 5)),
        (b"000000000000", None),
        (b"00000000", None),
        (b"", None),
    ],
)
def test_a_day_is_read_from_twelve_digits_or_eight(written: bytes, day: date | None) -> None:
    assert decode_zone(zone(108, written)) == (MutuellePeriod(start=day),)


@pytest.mark.parametrize(
    "written",
    [
        b"201902300000",
        b"201903052400",
        b"201903050060",
        b"2019030500",
        b"2019030500a0",
        "２０１９０３０５".encode(),
    ],
)
def test_what_is_no_day_is_refused(written: bytes) -> None:
    with pytest.raises(ZoneError, match=r"Group 108 field 1 .*(YYYYMMDDhhmm|at most 12)"):
        decode_zone(zone(108, written))


def test_a_required_day_is_not_none() -> None:
    for none in (b"", b"000000000000"):
        with pytest.raises(ZoneError, match=r"Group 105 field 1 .*must not be empty"):
            decode_zone(zone(105, none))
    assert decode_zone(zone(105, b"201903050000")) == (RightsPeriod(start=date(2019, 3, 5)),)


@pytest.mark.parametrize("written", ["19422000", "00000000", "19550230"])
def test_a_birth_date_keeps_its_digits(written: str) -> None:
    who = dataclasses.replace(WHO, birth_date=BirthDate(written))
    (data,) = decode_zone_data(encode_zone([who]))
    assert data.fields[11] == written.encode() + b"0000"
    assert decode_zone(encode_zone([who])) == (who,)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        (b"201903050830", datetime(2019, 3, 5, 8, 30)),
        (b"20190305083059", datetime(2019, 3, 5, 8, 30, 59)),
        (b"000000000000", None),
        (b"", None),
    ],
)
def test_a_moment_is_read_to_the_minute_or_the_second(written: bytes, moment: datetime | None) -> None:
    (component,) = decode_zone(zone(61, b"M", b"", b"1", b"", b"", b"", b"", written))
    assert isinstance(component, ReaderConfiguration)
    assert component.reader_moment == moment


@pytest.mark.parametrize(
    ("length", "accepted"),
    [
        ("03", True),
        ("8103", True),
        ("820003", True),
        ("80", False),
        ("83000003", False),
        ("8400000003", False),
        ("FF", False),
    ],
)
def test_a_length_may_be_longer_than_it_needs_but_not_open(length: str, accepted: bool) -> None:
    field = bytes.fromhex("006F") + bytes.fromhex(f"{length}") + b"\x02AB"
    inner = bytes.fromhex(length) + b"ABC"
    group = bytes.fromhex("006F") + bytes((len(inner),)) + inner
    for raw, content in ((field, "AB"), (group, "ABC")):
        if accepted:
            assert decode_zone(raw) == (CommonZone(content=content),)
        else:
            with pytest.raises(ZoneError, match=rf"Group 111 .*begins with {length[:2]}"):
                decode_zone(raw)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (encode_zone_data([ZoneData(101, (b"T",) * 13)]), r"Group 101 has 13 fields, 14 expected"),
        (encode_zone_data([ZoneData(101, (b"T",) * 15)]), r"Group 101 has 15 fields, 14 expected"),
        (encode_zone_data([ZoneData(107, (b"77777777", b"A", b"20190101", b"20351231"))]), "4 fields, 6"),
        (encode_zone_data([ZoneData(7, (b"x",))]), r"Group 7 is not in the dictionary"),
        (zone(107, b"A" * 255), r"Group 107 field 1 .*at most 20 characters"),
        (zone(107, "é".encode() * 21), r"Group 107 field 1 .*at most 20 characters"),
        (zone(107, "Hélène".encode("latin-1")), r"Group 107 field 1 .*UTF-8"),
        (zone(107, b"A\0B"), r"Group 107 field 1 .*printable"),
        (zone(107, b"A\x1fB"), r"Group 107 field 1 .*printable"),
        (zone(107, b"A\x7f"), r"Group 107 field 1 .*printable"),
        (zone(107, "A\x85".encode()), r"Group 107 field 1 .*printable"),
        (zone(101, b""), r"Group 101 field 1 .*must not be empty"),
        (zone(2, b"12"), r"Group 2 field 1 .*at most 1 "),
        (zone(9312, b"M", b"", b"1", b"", b"", b"", b"yes"), r"Group 9312 field 7 .*at most 1 "),
        (zone(9312, b"M", b"", b"1", b"", b"", b"", b"2"), r"Group 9312 field 7 .*0 or 1"),
        (zone(9312, b"M", b"", b"1", b"", b"", b"", b"", b"1.5"), r"Group 9312 field 8 .*whole number"),
        (zone(9322, b"1", b"A" * (MAX_CONTENT + 1)), r"Group 9322 field 2 .*at most 60000 bytes"),
    ],
)
def test_what_does_not_follow_the_declarations_is_refused(raw: bytes, expected: str) -> None:
    with pytest.raises(ZoneError, match=expected) as refusal:
        decode_zone(raw)
    assert refusal.value.ssv == 0xF802
    assert refusal.value.action


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        (dataclasses.replace(WHO, usual_name="é" * 61), r"Group 104 field 1 .*at most 60 characters"),
        (dataclasses.replace(WHO, usual_name="A\nB"), r"Group 104 field 1 .*printable"),
        (dataclasses.replace(WHO, usual_name="\ud800"), r"Group 104 field 1 .*UTF-8"),
        (dataclasses.replace(WHO, birth_rank="x"), r"Group 104 field 13 .*digits"),
        (dataclasses.replace(WHO, birth_date=BirthDate("1942")), r"Group 104 field 12 .*birth date"),
        (HeldDocument(owner="1", number="2", kind=10**12), r"Group 9310 field 3 .*at most 12"),
        (HeldDocument(owner="1", number="2", kind=1, content=b"A" * 60_001), r"field 6 .*60000 bytes"),
    ],
)
def test_what_does_not_fit_is_not_written(group: Group, expected: str) -> None:
    with pytest.raises(ZoneError, match=expected):
        encode_zone([group])


def test_sizes_are_bounded() -> None:
    whole = ZoneData(9, (b"A" * 65_532,))
    assert decode_zone_data(encode_zone_data([whole])) == (whole,)
    with pytest.raises(ZoneError, match="65536 bytes, 65535 at most"):
        encode_zone_data([ZoneData(9, (b"A" * 65_533,))])
    with pytest.raises(ZoneError, match="100000 bytes, 65535 at most"):
        encode_zone_data([ZoneData(9, (b"A" * 100_000,))])
    with pytest.raises(ZoneError, match=f"{MAX_ZONE_BYTES} at most"):
        encode_zone_data([whole] * 256)
    with pytest.raises(ZoneError, match=f"{MAX_ZONE_BYTES} at most"):
        decode_zone_data(bytes(MAX_ZONE_BYTES + 1))
    many = [ZoneData(9, ())] * MAX_ZONE_GROUPS
    raw = encode_zone_data(many)
    assert list(decode_zone_data(raw)) == many
    with pytest.raises(ZoneError, match="more than 65535 groups"):
        encode_zone_data([*many, *many[:1]])
    with pytest.raises(ZoneError, match="more than 65535 groups"):
        decode_zone_data(raw + raw[:3])
    for number in (-1, 65_536):
        with pytest.raises(ZoneError, match="There is no group"):
            encode_zone_data([ZoneData(number, ())])


def test_the_longest_values_are_as_long_as_said() -> None:
    for declaration in DICTIONARY.values():
        for field in declaration.fields:
            if field.kind is Kind.TEXT:
                group = dataclasses.replace(_filled(declaration.type), **{field.name: "𝄞" * field.max_length})
                (data,) = decode_zone_data(encode_zone([group]))
                assert len(data.fields[field.number - 1]) == zone_length(field)


def _filled(kind: type[Group]) -> Any:
    number = str(kind.DECLARATION.number)
    return decode_typed(bytes.fromhex(VECTORS[number]["line"]))[0]


def test_an_empty_zone_has_no_groups() -> None:
    assert decode_zone(b"") == ()
    assert encode_zone([]) == b""
