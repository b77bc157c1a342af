"""Sessions, exclusivity and contexts of several programs, against a model that knows only the rules."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from tla_sim.host.ssv.failure import CallRefused
from tla_sim.host.ssv.galss_functions import MAX_CONTEXT_BYTES
from tla_sim.host.ssv.server.galss.exclusivity import HeldByAnother, Level, Wanted, parse_wanted
from tla_sim.host.ssv.server.galss.sessions import MAX_SESSIONS, MAX_SESSIONS_OF_ONE, Sessions
from tla_sim.protocol.lad import Lad

NAMES = {Lad.LOG_SV: "Log_SV", Lad.PS: "CPS", Lad.VITALE: "Vitale"}
PROGRAMS = ("first", "second", "third")


@dataclass
class Known:
    """What the model knows of a session."""

    program: str
    application: str
    lad: Lad
    context: bytes | None = None


@dataclass
class Holding:
    """What the model knows of an exclusivity."""

    program: str
    wanted: list[tuple[int, Lad, Level]] = field(default_factory=list)


def overlap(lad: Lad, level: Level, other: Lad, other_level: Level) -> bool:
    return lad is other or Level.LAD is not level or Level.LAD is not other_level


class SeveralPrograms(RuleBasedStateMachine):
    """Three programs that open, hold, store and leave in any order."""

    numbers = Bundle("numbers")
    exclusivities = Bundle("exclusivities")

    def __init__(self) -> None:
        super().__init__()
        self.sessions = Sessions(random.Random(1).randrange)
        self.known: dict[int, Known] = {}
        self.held: dict[int, Holding] = {}
        self.contexts: dict[Lad, bytes] = {}

    def code_of(self, act: object) -> int:
        assert callable(act)
        try:
            act()
        except CallRefused as refused:
            return refused.ssv or 0
        return 0

    def blocked(self, program: str, lad: Lad, level: Level = Level.LAD) -> bool:
        return any(
            holding.program != program
            and any(overlap(lad, level, held, how) for _, held, how in holding.wanted)
            for holding in self.held.values()
        )

    def drop(self, number: int) -> int:
        del self.known[number]
        for exclusivity, holding in self.held.items():
            if any(each == number for each, _, _ in holding.wanted):
                del self.held[exclusivity]
                return exclusivity
        return 0

    @rule(
        target=numbers,
        program=st.sampled_from(PROGRAMS),
        application=st.sampled_from(("A", "B")),
        lad=st.sampled_from(Lad),
    )
    def open(self, program: str, application: str, lad: Lad) -> object:
        twice = any(each.application == application and each.lad is lad for each in self.known.values())
        if twice:
            assert self.code_of(lambda: self.sessions.open(program, application, NAMES[lad], lad)) == 0x0800
            return multiple()
        session = self.sessions.open(program, application, NAMES[lad], lad)
        assert session.number not in self.known
        assert 1 <= session.number <= 0xFFFF
        self.known[session.number] = Known(program, application, lad)
        return session.number

    @rule(number=numbers, program=st.sampled_from(PROGRAMS))
    def close(self, number: int, program: str) -> None:
        known = self.known.get(number)
        if known is None or known.program != program:
            assert self.code_of(lambda: self.sessions.close(program, number)) == 0x1000
        else:
            assert self.sessions.close(program, number) == self.drop(number)

    @rule(program=st.sampled_from(PROGRAMS))
    def leave(self, program: str) -> None:
        own = [number for number, each in self.known.items() if each.program == program]
        assert self.sessions.leave(program) == len(own)
        for number in own:
            self.drop(number)

    @rule(
        target=exclusivities,
        program=st.sampled_from(PROGRAMS),
        chosen=st.lists(st.tuples(numbers, st.sampled_from(Level)), min_size=1, max_size=3),
    )
    def begin(self, program: str, chosen: list[tuple[int, Level]]) -> object:
        pairs = tuple(Wanted(*each) for each in dict(chosen).items())
        if any(
            each.session not in self.known or self.known[each.session].program != program for each in pairs
        ):
            assert self.code_of(lambda: self.sessions.begin(program, pairs)) == 0x1000
            return multiple()
        areas = [(each.session, self.known[each.session].lad, each.level) for each in pairs]
        if any(self.blocked(program, lad, level) for _, lad, level in areas):
            with pytest.raises(HeldByAnother) as caught:
                self.sessions.begin(program, pairs)
            assert caught.value.ssv == 0x0004
            assert caught.value.resource in NAMES.values()
            return multiple()
        own = [each for holding in self.held.values() for each in holding.wanted]
        if any(
            holding.program == program and overlap(lad, level, held, how)
            for holding in self.held.values()
            for _, held, how in holding.wanted
            for _, lad, level in areas
        ):
            assert own
            assert self.code_of(lambda: self.sessions.begin(program, pairs)) == 0x0008
            return multiple()
        number = self.sessions.begin(program, pairs)
        assert number not in self.held
        self.held[number] = Holding(program, areas)
        return number

    @rule(number=consumes(exclusivities), program=st.sampled_from(PROGRAMS))
    def end(self, number: int, program: str) -> None:
        holding = self.held.get(number)
        if holding is None or holding.program != program:
            assert self.code_of(lambda: self.sessions.end(program, number)) == 0x1000
        else:
            self.sessions.end(program, number)
            del self.held[number]

    @rule(
        number=numbers,
        program=st.sampled_from(PROGRAMS),
        place=st.integers(0, 3),
        context=st.binary(max_size=8) | st.sampled_from((bytes(1_076), bytes(1_077))),
    )
    def write(self, number: int, program: str, place: int, context: bytes) -> None:
        known = self.known.get(number)
        expected = 0
        if known is None or known.program != program:
            expected = 0x1000
        elif place not in (1, 2):
            expected = 0x4000
        elif len(context) > MAX_CONTEXT_BYTES:
            expected = 0x0010
        elif place == 2 and self.blocked(program, known.lad):
            expected = 0x0004
        assert self.code_of(lambda: self.sessions.write_context(program, place, number, context)) == expected
        if known is not None and not expected:
            if place == 1:
                known.context = context
            else:
                self.contexts[known.lad] = context

    @rule(number=numbers, program=st.sampled_from(PROGRAMS), place=st.sampled_from((1, 2)))
    def read(self, number: int, program: str, place: int) -> None:
        known = self.known.get(number)
        if known is None or known.program != program:
            assert self.code_of(lambda: self.sessions.read_context(program, place, number)) == 0x1000
            return
        kept = known.context if place == 1 else self.contexts.get(known.lad)
        if place == 2 and self.blocked(program, known.lad):
            assert self.code_of(lambda: self.sessions.read_context(program, place, number)) == 0x0004
        elif kept is None:
            assert self.code_of(lambda: self.sessions.read_context(program, place, number)) == 0x0020
        else:
            assert self.sessions.read_context(program, place, number) == kept

    @invariant()
    def each_place_is_free_for_those_whom_no_exclusivity_keeps_out(self) -> None:
        for program in PROGRAMS:
            for lad in Lad:
                expected = 0x0004 if self.blocked(program, lad) else 0
                assert self.code_of(lambda p=program, at=lad: self.sessions.check_free(p, at)) == expected
        assert self.sessions.anything_held == bool(self.held)


TestSeveralPrograms = SeveralPrograms.TestCase


def test_one_program_has_only_so_many_sessions_and_leaves_room_for_others() -> None:
    sessions = Sessions()
    for number in range(MAX_SESSIONS_OF_ONE):
        sessions.open("greedy", f"A{number}", "CPS", Lad.PS)
    with pytest.raises(CallRefused) as caught:
        sessions.open("greedy", "one more", "CPS", Lad.PS)
    assert caught.value.ssv == 0x0002
    sessions.open("modest", "one more", "CPS", Lad.PS)


def test_all_programs_together_have_only_so_many_sessions() -> None:
    sessions = Sessions()
    for number in range(MAX_SESSIONS):
        sessions.open(number, f"A{number}", "CPS", Lad.PS)
    with pytest.raises(CallRefused) as caught:
        sessions.open("late", "late", "CPS", Lad.PS)
    assert caught.value.ssv == 0x0002


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("7:3", (Wanted(7, Level.LAD),)),
        (" 65535:1 ", (Wanted(65_535, Level.CHANNEL),)),
        ("7:3,8:2;9:1 10:3", (Wanted(7, Level.LAD), Wanted(8, Level.PAD), (9, 1), (10, 3))),
    ],
)
def test_resources_are_read_as_session_and_level(text: str, wanted: tuple[Wanted, ...]) -> None:
    assert parse_wanted(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        *("", "7", "7:", ":3", "7:0", "7:4", "7:33", "-7:3", "7:3:3", "x:3", "7:3,7:3", "700000:3", "٣:3"),
        ",".join(f"{number}:3" for number in range(1, 10)),
    ],
)
def test_what_is_not_session_and_level_is_a_wrong_parameter(text: str) -> None:
    with pytest.raises(CallRefused) as caught:
        parse_wanted(text)
    assert caught.value.ssv == 0x4000
