"""libsgdlux: what programs build is a zone, what they read is what was answered, and nothing else passes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.host.ssv.sgd_kit import Sgd
from tests.protocol.groups.typed_groups import typed_groups
from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.libraries import SOURCES
from tla_sim.host.ssv.sgd_functions import MAX_UNDECLARED_TEXT, SGD_FUNCTIONS
from tla_sim.protocol.groups.declaration import Group
from tla_sim.protocol.groups.dictionary import DICTIONARY
from tla_sim.protocol.groups.kinds import Kind
from tla_sim.protocol.groups.zone import (
    MAX_ZONE_BYTES,
    ZoneData,
    ZoneError,
    decode_zone_data,
    encode_zone,
    encode_zone_data,
    zone_length,
)

UNDECLARED: Final = 7_000
OTHER_UNDECLARED: Final = 7_001
MIB: Final = 1_024 * 1_024


@contextmanager
def session_of(sgd: Sgd, size: int = MIB) -> Iterator[int]:
    number = sgd.session(size)
    try:
        yield number
    finally:
        assert sgd.call("SGD_LibererSession", number) is SsvCode.DONE


@pytest.fixture
def session(sgd: Sgd) -> Iterator[int]:
    with session_of(sgd) as number:
        yield number


raw_groups = st.lists(
    st.builds(
        ZoneData,
        st.integers(7_000, 7_003) | st.integers(6_000, 8_999),
        st.lists(st.binary(max_size=20) | st.sampled_from([127, 128, 255, 256, 999]).map(bytes)).map(tuple),
    ),
    max_size=12,
)


def is_zone(raw: bytes) -> bool:
    try:
        decode_zone_data(raw)
    except ZoneError:
        return False
    return True


def test_the_codes_in_c_are_the_declared_ones() -> None:
    written = re.findall(r"0x([0-9A-F]{4})", (SOURCES / "sgd_codes.h").read_text("utf-8"))
    declared = {code for function in SGD_FUNCTIONS for code in function.codes}
    assert {int(code, 16) for code in written} == declared


@given(st.lists(typed_groups(), max_size=8))
def test_what_c_builds_python_reads(sgd: Sgd, groups: list[Group]) -> None:
    zone = encode_zone(groups)
    with session_of(sgd) as session:
        for number, fields in decode_zone_data(zone):
            sgd.add(session, number, *fields)
        assert sgd.input(session) == zone


@given(raw_groups)
def test_undeclared_groups_take_any_bytes(sgd: Sgd, groups: list[ZoneData]) -> None:
    with session_of(sgd) as session:
        for number, fields in groups:
            sgd.add(session, number, *fields)
        assert sgd.input(session) == encode_zone_data(groups)


@given(raw_groups)
def test_what_python_writes_c_reads(sgd: Sgd, groups: list[ZoneData]) -> None:
    with session_of(sgd) as session:
        assert sgd.give(session, encode_zone_data(groups)) is SsvCode.DONE
        assert list(sgd.groups(session)) == groups


@given(st.binary(max_size=40) | raw_groups.map(encode_zone_data), st.data())
def test_c_takes_for_a_zone_what_python_does(sgd: Sgd, zone: bytes, data: st.DataObject) -> None:
    raw = bytearray(zone)
    for at, value in data.draw(st.lists(st.tuples(st.integers(0, 39), st.integers(0, 255)), max_size=2)):
        if at < len(raw):
            raw[at] = value
    raw = raw[: data.draw(st.integers(0, len(raw)))]
    with session_of(sgd) as session:
        code = sgd.give(session, bytes(raw))
        assert code is (SsvCode.DONE if is_zone(bytes(raw)) else SsvCode.INPUT)
        if code is SsvCode.DONE:
            assert tuple(sgd.groups(session)) == decode_zone_data(bytes(raw))


def test_a_length_may_take_more_bytes_than_it_needs(sgd: Sgd, session: int) -> None:
    assert sgd.give(session, bytes.fromhex("0065 820003 810141")) is SsvCode.DONE
    assert list(sgd.groups(session)) == [ZoneData(101, (b"A",))]


def test_the_public_example_of_a_vitale_is_read(sgd: Sgd, session: int) -> None:
    start = bytes.fromhex("0065 18 0154 08 3538363636343235 0C 323031353132333130303030".replace(" ", ""))
    assert sgd.give(session, start) is SsvCode.DONE
    assert sgd.read(session, 101, 1, 2, 9) == (SsvCode.DONE, b"58666425\0", 8)
    assert sgd.read(session, 101, 1, 3)[1].startswith(b"201512310000\0\xff")


@pytest.mark.parametrize(
    "zone",
    [
        "00",
        "0065",
        "006501",
        "006581",
        "006582",
        "00658200",
        "006581014100",
        "0065020541",
        "00650181",
        "0065028101",
        "0065028200",
        "006503820001",
        "00650301410042",
    ],
)
def test_a_zone_cut_short_is_refused(sgd: Sgd, session: int, zone: str) -> None:
    assert not is_zone(bytes.fromhex(zone))
    assert sgd.give(session, bytes.fromhex(zone)) is SsvCode.INPUT


def test_a_length_has_at_most_two_bytes_behind_its_first(sgd: Sgd, session: int) -> None:
    for first in (0x80, *range(0x83, 0x100)):
        for zone in (bytes((0, 101, first, *bytes(200))), bytes((0, 101, 0x81, 200, first, *bytes(199)))):
            assert not is_zone(zone)
            assert sgd.give(session, zone) is SsvCode.INPUT


def test_an_occurrence_is_no_other_groups(sgd: Sgd, session: int) -> None:
    zone = encode_zone_data([ZoneData(UNDECLARED, (b"a",)), ZoneData(OTHER_UNDECLARED, (b"b",))])
    assert sgd.give(session, zone) is SsvCode.DONE
    for number in (UNDECLARED, OTHER_UNDECLARED):
        assert sgd.next(session, number, 2)[0] is SsvCode.NO_OCCURRENCE
        assert sgd.read(session, number, 2, 1)[0] is SsvCode.NO_OCCURRENCE
    for number in (UNDECLARED - 1, OTHER_UNDECLARED + 1):
        assert sgd.read(session, number, 1, 1)[0] is SsvCode.NO_GROUP


def test_a_group_occurs_as_often_as_a_program_can_say(sgd: Sgd, session: int) -> None:
    most = 65_535
    group = encode_zone_data([ZoneData(UNDECLARED, ())])
    assert sgd.give(session, group * (most + 1)) is SsvCode.INPUT
    last = encode_zone_data([ZoneData(UNDECLARED, (b"last",))])
    assert sgd.give(session, group * (most - 1) + last) is SsvCode.DONE
    assert sgd.read(session, UNDECLARED, most, 1)[1].startswith(b"last\0")
    assert sgd.next(session, UNDECLARED, most - 1) == (SsvCode.DONE, UNDECLARED, most)


def test_a_zone_has_at_most_16_mib(sgd: Sgd, session: int) -> None:
    part = encode_zone_data([ZoneData(UNDECLARED, (bytes(65_532),))])
    rest = MAX_ZONE_BYTES - len(part) * (MAX_ZONE_BYTES // len(part))
    for more, code in ((0, SsvCode.DONE), (1, SsvCode.INPUT)):
        last = encode_zone_data([ZoneData(OTHER_UNDECLARED, (bytes(rest - 8 + more),))])
        zone = part * (MAX_ZONE_BYTES // len(part)) + last
        assert len(zone) == MAX_ZONE_BYTES + more
        assert sgd.give(session, zone) is code


# Declared fields.


def longest(kind: Kind, length: int) -> bytes:
    return "é".encode() * length if kind is Kind.TEXT else b"1" * length


@pytest.mark.parametrize("number", sorted(DICTIONARY))
def test_each_field_takes_its_longest_value_and_no_longer_one(sgd: Sgd, session: int, number: int) -> None:
    assert sgd.call("SGD_AjouterGroupe", session, number) is SsvCode.DONE
    declared = {field.number: field for field in DICTIONARY[number].fields if field.zoned}
    for position in range(1, DICTIONARY[number].zone_count + 1):
        field = declared.get(position)
        if field is None:
            assert sgd.call("SGD_AjouterChamp", session, b"anything") is SsvCode.DONE
            continue
        most = field.max_length if field.kind is Kind.TEXT else zone_length(field)
        value, before = longest(field.kind, most), sgd_used(sgd, session)
        for letter in (b"1", "é".encode()):
            assert sgd.call("SGD_AjouterChamp", session, value + letter) is SsvCode.INPUT
            assert (
                sgd.call("SGD_AjouterChampBin", session, value + letter, len(value + letter)) is SsvCode.INPUT
            )
        assert sgd_used(sgd, session) == before
        assert sgd.call("SGD_AjouterChamp", session, value) is SsvCode.DONE
    for _ in range(2):
        assert sgd.call("SGD_AjouterChamp", session, b"") is SsvCode.NO_GROUP, "a field too many"
    assert [each.number for each in decode_zone_data(sgd.input(session))] == [number]


def sgd_used(sgd: Sgd, session: int) -> int:
    """Find the bytes of the input without taking it: the least room that it can be given."""
    low, high = 1, MIB
    while low < high:
        middle = (low + high) // 2
        if sgd.call("SGD_RedimensionnerBuffer", session, middle) is SsvCode.DONE:
            high = middle
        else:
            low = middle + 1
    assert sgd.call("SGD_RedimensionnerBuffer", session, MIB) is SsvCode.DONE
    return low


@pytest.mark.parametrize(
    "text",
    [
        b"DUPR\xc9",  # Latin-1
        b"\xc3",  # cut short
        b"\xc0\xb1",  # longer than needed
        b"\xe0\x9f\xbf",
        b"\xf0\x8f\xbf\xbf",
        b"\xed\xa0\x80",  # half of a pair
        b"\xf4\x90\x80\x80",  # beyond Unicode
        b"\xff",
        b"\x80",
        b"A\nB",
        b"A\x1fB",
        b"\x7f",
        b"\xc2\x9f",  # control characters
    ],
)
def test_what_is_no_printable_utf8_is_refused(sgd: Sgd, session: int, text: bytes) -> None:
    sgd.add(session, 104)
    assert sgd.call("SGD_AjouterChamp", session, text) is SsvCode.INPUT
    assert sgd.call("SGD_AjouterChampBin", session, text, len(text)) is SsvCode.INPUT
    assert sgd.call("SGD_AjouterChamp", session, "Zoé Ł 例 𝄞".encode()) is SsvCode.DONE
    assert decode_zone_data(sgd.input(session)) == (ZoneData(104, ("Zoé Ł 例 𝄞".encode(),)),)


@given(st.text(min_size=1, max_size=12) | st.binary(max_size=12))
def test_texts_are_refused_as_python_refuses_them(sgd: Sgd, text: str | bytes) -> None:
    raw = text if isinstance(text, bytes) else text.encode(errors="surrogatepass")
    try:
        sound = not re.search(r"[\x00-\x1f\x7f-\x9f]", raw.decode())
    except UnicodeDecodeError:
        sound = False
    with session_of(sgd) as session:
        sgd.add(session, 104)
        code = sgd.call("SGD_AjouterChampBin", session, raw, len(raw))
        assert code is (SsvCode.DONE if sound else SsvCode.INPUT)


def test_the_billing_situation_is_one_raw_byte(sgd: Sgd, session: int) -> None:
    sgd.add(session, 2)
    assert sgd.call("SGD_AjouterChampBin", session, b"\x00\x01", 2) is SsvCode.INPUT
    assert sgd.call("SGD_AjouterChampBin", session, b"\x00", 1) is SsvCode.DONE
    assert decode_zone_data(sgd.input(session)) == (ZoneData(2, (b"\x00",)),)


def test_undeclared_texts_have_a_limit(sgd: Sgd, session: int) -> None:
    sgd.add(session, UNDECLARED)
    assert sgd.call("SGD_AjouterChamp", session, b"x" * (MAX_UNDECLARED_TEXT + 1)) is SsvCode.INPUT
    assert sgd.call("SGD_AjouterChamp", session, b"x" * MAX_UNDECLARED_TEXT) is SsvCode.DONE


def test_a_group_has_at_most_65535_bytes(sgd: Sgd, session: int) -> None:
    sgd.add(session, UNDECLARED)
    most = 65_535 - 3
    assert sgd.call("SGD_AjouterChampBin", session, bytes(most), most) is SsvCode.DONE
    assert sgd.call("SGD_AjouterChampBin", session, b"", 0) is SsvCode.INPUT
    sgd.add(session, UNDECLARED)
    assert sgd.call("SGD_AjouterChampBin", session, bytes(most + 1), most + 1) is SsvCode.INPUT
    first, second = decode_zone_data(sgd.input(session))
    assert (first.fields, second.fields) == ((bytes(most),), ())
