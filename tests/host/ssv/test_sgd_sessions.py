"""Sessions of libsgdlux against a model in Python: their numbers, both zones, rooms, the order of calls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, precondition, rule

from tests.host.ssv.sgd_kit import Sgd, shared_sgd
from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.sgd_functions import MAX_SESSIONS
from tla_sim.protocol.groups.zone import MAX_ZONE_BYTES, ZoneData, encode_zone_data

PERIOD: Final = 105
"""A declared group: two dates of at most 12 characters."""
PERIOD_FIELDS: Final = 2
MAX_NUMBERS: Final = 255 * MAX_SESSIONS
"""Session numbers: a generation from 1 and a place."""
LONGEST_DATE: Final = 12
UNDECLARED: Final = 7_000

numbers = st.sampled_from([PERIOD, UNDECLARED])
values = st.sampled_from([b"", b"1", b"2" * 12, b"3" * 13, b"4" * 70, b"5" * 200])
zones = st.lists(st.builds(ZoneData, numbers, st.lists(values, max_size=3).map(tuple)), max_size=4)
rooms = st.sampled_from([0, 1, 2, 3, 4, 17, 60, 140, 300, 5_000, MAX_ZONE_BYTES, MAX_ZONE_BYTES + 1])


@dataclass
class Held:
    """One session as it should be."""

    room: int
    groups: list[ZoneData] = field(default_factory=list)
    sent: bool = False
    output: list[ZoneData] | None = None

    def size(self, groups: list[ZoneData]) -> int:
        return len(encode_zone_data(groups))

    def add_group(self, number: int) -> SsvCode:
        begun = [] if self.sent or self.output is not None else self.groups
        if not number:
            return SsvCode.INPUT
        if self.size([*begun, ZoneData(number, ())]) > self.room:
            return SsvCode.ZONE_FULL
        self.groups, self.sent, self.output = [*begun, ZoneData(number, ())], False, None
        return SsvCode.DONE

    def add_field(self, value: bytes) -> SsvCode:
        if not self.groups or self.sent:
            return SsvCode.NO_HEADER
        number, fields = self.groups[-1]
        if number == PERIOD and len(fields) == PERIOD_FIELDS:
            return SsvCode.NO_GROUP
        if number == PERIOD and len(value) > LONGEST_DATE:
            return SsvCode.INPUT
        grown = [*self.groups[:-1], ZoneData(number, (*fields, value))]
        if self.size(grown) > self.room:
            return SsvCode.ZONE_FULL
        self.groups = grown
        return SsvCode.DONE

    def resize(self, room: int) -> SsvCode:
        code = room_code(room)
        if code is not SsvCode.DONE:
            return code
        if room < self.size(self.groups):
            return SsvCode.ZONE_FULL
        self.room = room
        return SsvCode.DONE

    def find(self, number: int, occurrence: int) -> SsvCode | int:
        """Return the position of a group in the output, or the code for none."""
        places = [place for place, each in enumerate(self.output or []) if each.number == number]
        if not places:
            return SsvCode.NO_GROUP
        return places[occurrence - 1] if 0 < occurrence <= len(places) else SsvCode.NO_OCCURRENCE

    def next(self, number: int, occurrence: int) -> tuple[SsvCode, int, int]:
        output = self.output or []
        found = self.find(number, occurrence) if number or occurrence else -1
        if isinstance(found, SsvCode):
            return found, 0, 0
        if found + 1 == len(output):
            return SsvCode.LAST_GROUP, 0, 0
        following = output[found + 1].number
        return SsvCode.DONE, following, sum(each.number == following for each in output[: found + 2])

    def value(self, number: int, occurrence: int, position: int) -> SsvCode | bytes:
        found = self.find(number, occurrence)
        if isinstance(found, SsvCode):
            return found
        assert self.output is not None
        fields = self.output[found].fields
        return fields[position - 1] if 0 < position <= len(fields) else SsvCode.NO_GROUP


def room_code(room: int) -> SsvCode:
    if room > MAX_ZONE_BYTES:
        return SsvCode.ALLOCATION
    return SsvCode.DONE if room else SsvCode.INPUT


class SgdMachine(RuleBasedStateMachine):
    """Any calls in any order, on sessions that are held and on those that were returned."""

    held = Bundle("held")
    gone = Bundle("gone")

    def __init__(self) -> None:
        super().__init__()
        self.sgd: Sgd = shared_sgd()
        self.model: dict[int, Held] = {}

    @rule(target=held, room=rooms.filter(lambda room: room_code(room) is SsvCode.DONE))
    def reserve(self, room: int) -> int:
        number = self.sgd.session(room)
        assert number not in self.model
        self.model[number] = Held(room)
        return number

    @rule(room=rooms.filter(lambda room: room_code(room) is not SsvCode.DONE))
    def reserve_badly(self, room: int) -> None:
        assert self.sgd.reserve(room) == (room_code(room), 0)

    @rule(target=gone, session=consumes(held))
    def release(self, session: int) -> int:
        del self.model[session]
        assert self.sgd.call("SGD_LibererSession", session) is SsvCode.DONE
        return session

    @rule(session=gone)
    def use_a_returned_one(self, session: int) -> None:
        if session in self.model:
            return
        for code in (
            self.sgd.call("SGD_AjouterGroupe", session, PERIOD),
            self.sgd.call("SGD_AjouterChamp", session, b""),
            self.sgd.call("SGD_RedimensionnerBuffer", session, 10),
            self.sgd.next(session, 0, 0)[0],
            self.sgd.read(session, PERIOD, 1, 1)[0],
            self.sgd.give(session, b""),
            self.sgd.call("tla_sgd_drop_output", session),
            self.sgd.call("SGD_LibererSession", session),
        ):
            assert code is SsvCode.BAD_SESSION

    @rule(session=held, number=numbers | st.just(0))
    def add_group(self, session: int, number: int) -> None:
        assert self.sgd.call("SGD_AjouterGroupe", session, number) is self.model[session].add_group(number)

    @rule(session=held, value=values)
    def add_text(self, session: int, value: bytes) -> None:
        assert self.sgd.call("SGD_AjouterChamp", session, value) is self.model[session].add_field(value)

    @rule(session=held, value=values)
    def add_bytes(self, session: int, value: bytes) -> None:
        code = self.sgd.call("SGD_AjouterChampBin", session, value, len(value))
        assert code is self.model[session].add_field(value)

    @rule(session=held, room=rooms)
    def resize(self, session: int, room: int) -> None:
        assert self.sgd.call("SGD_RedimensionnerBuffer", session, room) is self.model[session].resize(room)

    @rule(session=held)
    def send(self, session: int) -> None:
        model = self.model[session]
        model.sent = True
        assert self.sgd.input(session) == encode_zone_data(model.groups)

    @rule(session=held, output=zones)
    def answer(self, session: int, output: list[ZoneData]) -> None:
        assert self.sgd.give(session, encode_zone_data(output)) is SsvCode.DONE
        self.model[session] = Held(self.model[session].room, output=output)

    @rule(
        session=held,
        zone=st.sampled_from([b"\0", b"\0e", b"\0e\1", b"\0e\1\1", b"\0e\x80", b"\0e\x83\0\0\0"]),
    )
    def answer_badly(self, session: int, zone: bytes) -> None:
        assert self.sgd.give(session, zone) is SsvCode.INPUT

    @rule(session=held)
    def fail(self, session: int) -> None:
        assert self.sgd.call("tla_sgd_drop_output", session) is SsvCode.DONE
        self.model[session] = replace(self.model[session], output=None)

    @rule(session=held, number=numbers | st.just(0), occurrence=st.integers(0, 5) | st.just(65_535))
    def look_for_the_next(self, session: int, number: int, occurrence: int) -> None:
        expected = self.model[session].next(number, occurrence)
        assert self.sgd.next(session, number, occurrence) == expected

    @rule(
        session=held,
        number=numbers,
        occurrence=st.integers(0, 5),
        position=st.integers(0, 4) | st.just(65_535),
    )
    def read_anything(self, session: int, number: int, occurrence: int, position: int) -> None:
        self.read(session, number, occurrence, position, 300, "SGD_LireChamp")

    @precondition(lambda self: any(each.output for each in self.model.values()))
    @rule(data=st.data())
    def read_what_is_there(self, data: st.DataObject) -> None:
        """Read a field that exists, or the one behind the last, into a room about as large as its value."""
        session = data.draw(st.sampled_from([each for each, held in self.model.items() if held.output]))
        output = self.model[session].output
        assert output is not None
        place = data.draw(st.integers(0, len(output) - 1))
        number, fields = output[place]
        occurrence = sum(each.number == number for each in output[: place + 1])
        position = data.draw(st.integers(1, len(fields) + 1))
        size = len(fields[position - 1]) if position <= len(fields) else 0
        room = max(0, size + data.draw(st.integers(-1, 2)))
        function = data.draw(st.sampled_from(["SGD_LireChamp", "SGD_LireChampBin"]))
        self.read(session, number, occurrence, position, room, function)

    def read(
        self, session: int, number: int, occurrence: int, position: int, room: int, function: str
    ) -> None:
        expected = self.model[session].value(number, occurrence, position)
        code, buffer, size = self.sgd.read(session, number, occurrence, position, room, function)
        untouched = b"\xff" * room
        if isinstance(expected, SsvCode):
            assert (code, buffer, size) == (expected, untouched, room)
            return
        written = expected + b"\0" * (function == "SGD_LireChamp")
        if len(written) > room:
            assert (code, buffer, size) == (SsvCode.OUTPUT, untouched, len(written))
        else:
            assert (code, buffer, size) == (SsvCode.DONE, written + untouched[len(written) :], len(expected))

    @invariant()
    def every_output_is_as_it_should_be(self) -> None:
        for session, model in self.model.items():
            assert list(self.sgd.groups(session)) == (model.output or [])

    def teardown(self) -> None:
        for session in self.model:
            assert self.sgd.call("SGD_LibererSession", session) is SsvCode.DONE


TestSgdMachine = SgdMachine.TestCase


def test_there_are_so_many_sessions_and_no_more(sgd: Sgd) -> None:
    numbers = [sgd.session(1) for _ in range(MAX_SESSIONS)]
    try:
        assert len(set(numbers)) == MAX_SESSIONS
        assert 0 not in numbers
        assert sgd.reserve(1) == (SsvCode.NO_SESSION_LEFT, 0)
    finally:
        for number in numbers:
            assert sgd.call("SGD_LibererSession", number) is SsvCode.DONE


def test_a_number_that_was_returned_is_not_used_again_soon(sgd: Sgd) -> None:
    seen: dict[int, int] = {}
    for turn in range(70_000):
        number = sgd.session(1)
        assert number != 0
        assert turn - seen.get(number, -MAX_NUMBERS) >= MAX_NUMBERS
        seen[number] = turn
        assert sgd.call("SGD_LibererSession", number) is SsvCode.DONE
    assert len(seen) == MAX_NUMBERS


def test_a_place_that_is_used_again_has_another_number(sgd: Sgd) -> None:
    first = sgd.session()
    assert sgd.call("SGD_LibererSession", first) is SsvCode.DONE
    others = [sgd.session() for _ in range(MAX_SESSIONS)]
    try:
        assert first not in others
        assert sgd.call("SGD_AjouterGroupe", first, PERIOD) is SsvCode.BAD_SESSION
    finally:
        for number in others:
            assert sgd.call("SGD_LibererSession", number) is SsvCode.DONE


@pytest.fixture
def session(sgd: Sgd) -> Iterator[int]:
    number = sgd.session()
    yield number
    assert sgd.call("SGD_LibererSession", number) is SsvCode.DONE


def test_a_session_that_is_used_again_has_lost_its_answer(sgd: Sgd, session: int) -> None:
    sgd.add(session, UNDECLARED, b"question")
    assert sgd.give(session, encode_zone_data([ZoneData(PERIOD, (b"answer",))])) is SsvCode.DONE
    assert sgd.call("SGD_AjouterChamp", session, b"more") is SsvCode.NO_HEADER, "the question is gone"
    assert sgd.next(session, 0, 0) == (SsvCode.DONE, PERIOD, 1), "a refused call changes nothing"
    sgd.add(session, UNDECLARED, b"next")
    assert sgd.next(session, 0, 0)[0] is SsvCode.LAST_GROUP
    assert sgd.input(session) == encode_zone_data([ZoneData(UNDECLARED, (b"next",))])


def test_a_call_that_failed_can_be_made_again_and_another_be_built(sgd: Sgd, session: int) -> None:
    sgd.add(session, UNDECLARED, b"question")
    zone = encode_zone_data([ZoneData(UNDECLARED, (b"question",))])
    for _ in range(2):
        assert sgd.input(session) == zone
        assert sgd.call("tla_sgd_drop_output", session) is SsvCode.DONE
    assert sgd.call("SGD_AjouterChamp", session, b"more") is SsvCode.NO_HEADER
    assert sgd.input(session) == zone
    sgd.add(session, UNDECLARED, b"other")
    assert sgd.input(session) == encode_zone_data([ZoneData(UNDECLARED, (b"other",))])


@pytest.mark.parametrize("size", [0, 1, 120, 121, 122, 123, 124, 125, 126, 127, 128, 200, 250, 255, 256])
def test_a_zone_takes_what_has_just_room_in_it(sgd: Sgd, size: int) -> None:
    first, second = b"1" * 4, b"2" * size
    needed = len(encode_zone_data([ZoneData(UNDECLARED, (first, second))]))
    for room, code in ((needed - 1, SsvCode.ZONE_FULL), (needed, SsvCode.DONE)):
        session = sgd.session(room)
        sgd.add(session, UNDECLARED, first)
        assert sgd.call("SGD_AjouterChampBin", session, second, size) is code
        assert sgd.call("SGD_LibererSession", session) is SsvCode.DONE


def test_a_group_begins_where_there_is_room_for_its_head(sgd: Sgd) -> None:
    for room, code in ((2, SsvCode.ZONE_FULL), (3, SsvCode.DONE)):
        session = sgd.session(room)
        assert sgd.call("SGD_AjouterGroupe", session, UNDECLARED) is code
        assert sgd.call("SGD_AjouterGroupe", session, UNDECLARED) is SsvCode.ZONE_FULL
        assert sgd.call("SGD_LibererSession", session) is SsvCode.DONE
