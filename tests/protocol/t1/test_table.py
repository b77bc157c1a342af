"""The table of T=1's rules: a walk through every state that either end can come into.

From a fresh machine everything that can happen to it is tried, then everything in each state found, until no
new ones turn up. So a case without a rule, and a rule that nothing reaches, are both seen.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import suppress
from copy import copy
from dataclasses import replace
from functools import cache, partial
from typing import Any

import pytest

from tla_sim.protocol.t1.actions import LinkSettings, Role
from tla_sim.protocol.t1.block import Block, Control, Edc, Fault, Information, Ready, Supervision, Supervisory
from tla_sim.protocol.t1.machine import T1, OutOfTurn
from tla_sim.protocol.t1.rules import CHOICES
from tla_sim.protocol.t1.states import Event, State
from tla_sim.protocol.t1.table import TABLE, cases, steps_of

PATIENT = LinkSettings(
    edc=Edc.LRC, baud=None, longest_message=60, attempts=1, ifs=32, longest_wait=5_000, patience=3_200
)
HASTY = replace(PATIENT, longest_wait=1_000)
NODE = {Role.WORKSTATION: 0x12, Role.READER: 0x21}
Case = tuple[State, Event]
Act = Callable[[T1, int], object]


class Noted(dict[Event, Any]):
    """The rules of one state, which note what is looked up in them."""

    def __init__(self, state: State, rules: dict[Event, Any], seen: set[Case]) -> None:
        super().__init__(rules)
        self._state, self._seen = state, seen

    def get(self, event: Event, default: Any = None) -> Any:
        found = super().get(event, default)
        if found is not None:
            self._seen.add((self._state, event))
        return found

    def __getitem__(self, event: Event) -> Any:
        self._seen.add((self._state, event))
        return super().__getitem__(event)


def acts(role: Role) -> list[Act]:
    """Everything that can happen to a machine."""
    controls: list[tuple[Control, bytes]] = [
        *((Information(number, more), bytes(size)) for number in (0, 1) for more in (False, True)
          for size in (1, 61)),
        *((Information(number, True), b"") for number in (0, 1)),
        *((Ready(number, Fault.NONE), b"") for number in (0, 1)),
    ]  # fmt: skip
    for about in Supervision:
        for response in (False, True):
            control = Supervisory(about, response)
            values = (0, 1, PATIENT.ifs) if control.inf_size else (0,)
            controls += [(control, bytes((value,))[: control.inf_size]) for value in values]
    blocks = [Block(NODE[role], control, inf).build(PATIENT.edc) for control, inf in controls]
    return [
        *(T1.connect, T1.abort, T1.tick),
        *(partial(_send, bytes(size)) for size in (1, 70)),
        *(partial(_receive, raw) for raw in (*blocks, b"\x00\x00\x00\xff")),
    ]


def _send(message: bytes, machine: T1, now: int) -> None:
    machine.send(message, now)


def _receive(raw: bytes, machine: T1, now: int) -> None:
    machine.receive(raw, now)


class Walk:
    """A machine to which acts happen, each when it is due."""

    def __init__(self, machine: T1, now: int) -> None:
        self.machine = machine
        self.now = now

    def after(self, act: Act) -> Walk:
        """A copy to which one more act happened."""
        machine: Any = copy(self.machine)
        station = machine._station = copy(machine._station)
        station.cutter, station.waits = copy(station.cutter), copy(station.waits)
        station._length, station.incoming = copy(station._length), bytearray(station.incoming)
        now = max(self.now, machine.wake_at or 0) if act is T1.tick else self.now
        with suppress(OutOfTurn):
            act(machine, now)
        return Walk(machine, now)

    def mark(self) -> tuple[object, ...]:
        """What of the machine decides which rules are near; numbers and lengths are tried in every state."""
        station: Any = self.machine._station
        waits, outgoing = station.waits, station.outgoing
        return (
            None if outgoing is None else len(outgoing) - station._sent,
            *(station.stage, station.request, station.has_sent, station.acquainted),
            *(station.abort_wanted, station._ifs_offered, station._asked_again, min(station._tries, 4)),
            *(waits.is_exhausted(self.now), waits.longer_wait(self.now) > 0, station.cutter.unsettled),
        )


@cache
def walked(role: Role) -> set[Case]:
    """The cases that come up at one end."""
    seen: set[Case] = set()
    steps: Any = {state: Noted(state, found, seen) for state, found in steps_of(role).items()}
    every = acts(role)
    for settings in (PATIENT, HASTY):
        fresh, plugged_in = T1(role, settings), T1(role, settings)
        fresh._steps = plugged_in._steps = steps
        plugged_in.await_resynchronisation()
        waiting = deque([Walk(fresh, 0), Walk(plugged_in, 0)])
        known: set[object] = set()
        while waiting:
            walk = waiting.popleft()
            for act in every:
                further = walk.after(act)
                mark = further.mark()
                if mark not in known:
                    known.add(mark)
                    waiting.append(further)
    return seen


def declared(role: Role) -> set[Case]:
    return {(state, event) for whose, state, event, _ in cases() if whose is role}


@pytest.mark.parametrize("role", Role)
def test_a_walk_through_every_state_reaches_every_rule(role: Role) -> None:
    unreached = declared(role) - walked(role)
    assert not unreached, sorted(f"{state.name} {event.name}" for state, event in unreached)


@pytest.mark.parametrize("role", Role)
def test_nothing_happens_for_which_there_is_no_rule(role: Role) -> None:
    assert walked(role) <= declared(role)


def test_what_a_choice_leads_to_has_a_rule() -> None:
    events = {event for _, _, event, _ in cases()}
    for choice in CHOICES:
        assert set(choice.outcomes) <= events, choice.name


def test_every_rule_says_why_in_whole_sentences() -> None:
    for rules in TABLE.values():
        for rule in rules:
            assert rule.text[0].isupper()
            assert rule.text.endswith(".")
            assert rule.source


def test_no_case_is_decided_twice() -> None:
    found = [(role, state, event) for role, state, event, _ in cases()]
    assert len(set(found)) == len(found)


def test_every_state_and_every_event_is_used() -> None:
    rules = [rule for each in TABLE.values() for rule in each]
    used = {state for rule in rules for state in (*rule.workstation, *rule.reader, rule.to)}
    assert used >= set(State)
    assert {event for rule in rules for event in rule.events} == set(Event)
