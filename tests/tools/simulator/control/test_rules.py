"""Rules: evaluated at once, carried out on every screen that meets them, and never without end."""

from __future__ import annotations

import pytest

from tests.tools.simulator.control.control_kit import (
    CODE,
    IDENTIFY,
    NURSE,
    PATIENT,
    VERIFY_AT_KEYPAD,
    new_control,
)
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.cast.cards import UnknownCard
from tla_sim.tools.faults.plan import PlanMalformed
from tla_sim.tools.simulator.body import UnknownKey
from tla_sim.tools.simulator.control.condition import Condition
from tla_sim.tools.simulator.control.events import Event, EventKind
from tla_sim.tools.simulator.control.reader_control import ReaderControl
from tla_sim.tools.simulator.control.rules import (
    MAX_RULES,
    BadRule,
    Matched,
    Rule,
    TooManyRules,
    UnknownRule,
)

OK = b"\x90\x00"
TYPE_CODE = Rule(Condition(text="CODE PORTEUR"), keys=(CODE, "VAL"))


@pytest.fixture
def control() -> ReaderControl:
    made = new_control()
    made.insert(Slot.PS, NURSE)
    made.cable(plugged=True)
    return made


def matches(control: ReaderControl) -> list[Matched]:
    told: list[Matched] = []

    def watch(event: Event) -> None:
        if event.kind is EventKind.RULE and isinstance(event.payload, Matched):
            told.append(event.payload)

    control.subscribe(watch)
    return told


def test_a_rule_answers_for_the_person_at_the_keypad(control: ReaderControl) -> None:
    told = matches(control)
    rule, matched = control.add_rule(TYPE_CODE)
    assert matched == ()
    assert control.rules == (rule,)
    for _ in range(2):
        assert control.transmit(Lad.LOG_SV, VERIFY_AT_KEYPAD) == OK
    assert [each.rule.id for each in told] == [rule.id, rule.id]
    assert told[0].screen.lines[0].startswith("CODE PORTEUR")
    assert CODE not in repr(told)


def test_a_rule_answers_hosts_on_other_cables_too(control: ReaderControl) -> None:
    control.add_rule(TYPE_CODE)
    for link in ("memory", "serial", "ccid"):
        with control.transport(link) as transport:
            assert transport.transmit(VERIFY_AT_KEYPAD) == OK


def test_a_rule_acts_at_once_on_the_screen_that_is_there(control: ReaderControl) -> None:
    control.cable(plugged=False)
    shown = control.insert(Slot.VITALE, PATIENT)
    rule, matched = control.add_rule(Rule(Condition(text="MARTIN PAUL"), keys=("VAL",), once=True))
    assert [(each.rule.id, each.screen) for each in matched] == [(rule.id, shown)]
    assert control.screen.lines[0].startswith("TLA 1.40")
    assert control.rules == ()


def test_a_rule_moves_cards_and_makes_faults(control: ReaderControl) -> None:
    control.cable(plugged=False)
    control.add_rule(
        Rule(
            Condition(regexp="^MARTIN"),
            remove=(Slot.VITALE,),
            insert=((Slot.PS, "TOUBIB"),),
            fault="ps.mute@0",
        )
    )
    control.insert(Slot.VITALE, PATIENT)
    assert control.slots[Slot.VITALE] is None
    card = control.slots[Slot.PS]
    assert card is not None
    assert card.name == "cps-toubib-paul"
    assert [fault.name for fault in (*control.faults.pending, *control.faults.struck)] == ["ps.mute"]


def test_a_removed_rule_does_nothing(control: ReaderControl) -> None:
    told = matches(control)
    rule, _ = control.add_rule(TYPE_CODE)
    control.remove_rule(rule.id)
    assert control.transmit(Lad.LOG_SV, VERIFY_AT_KEYPAD) != OK
    assert not told
    with pytest.raises(UnknownRule):
        control.remove_rule(rule.id)


def test_what_keeps_a_rule_from_acting_is_told_and_stops_nobody(control: ReaderControl) -> None:
    told = matches(control)
    control.cable(plugged=False)
    control.add_rule(Rule(Condition(text="MARTIN"), insert=((Slot.PS, "MARTIN"),)))
    control.insert(Slot.VITALE, PATIENT)
    assert told[0].problem is not None
    assert "slot" in told[0].problem.message


def test_rules_that_call_one_another_end(control: ReaderControl) -> None:
    told = matches(control)
    control.cable(plugged=False)
    control.add_rule(Rule(Condition(text="MARTIN"), remove=(Slot.VITALE,)))
    control.add_rule(Rule(Condition(no_text="MARTIN"), insert=((Slot.VITALE, "MARTIN"),)))
    assert told[-1].problem is not None
    assert "without end" in told[-1].problem.message
    assert len(told) < 100
    # The reader goes on, and so do other rules.
    for rule in control.rules:
        control.remove_rule(rule.id)
    control.cable(plugged=True)
    assert control.transmit(Lad.LOG_SV, IDENTIFY).endswith(OK)


def test_a_rule_may_act_any_number_of_times_when_others_ask_for_it(control: ReaderControl) -> None:
    told = matches(control)
    control.add_rule(TYPE_CODE)
    with control.transport("memory") as transport:
        for _ in range(120):
            assert transport.transmit(VERIFY_AT_KEYPAD) == OK
    assert [each.problem for each in told] == [None] * 120


def test_a_wrong_rule_is_refused_when_it_is_made(control: ReaderControl) -> None:
    shown = Condition(text="A")
    with pytest.raises(BadRule, match="does nothing"):
        Rule(shown)
    with pytest.raises(BadRule, match="not at exchanges"):
        Rule(Condition(exchange="any"), keys=("VAL",))
    with pytest.raises(UnknownKey):
        Rule(shown, keys=("F1",))
    with pytest.raises(BadRule, match="more than 64"):
        Rule(shown, keys=("1" * 65,))
    with pytest.raises(PlanMalformed):
        Rule(shown, fault="nonsense")
    with pytest.raises(UnknownCard):
        control.add_rule(Rule(shown, insert=((Slot.PS, "NOBODY"),)))
    for _ in range(MAX_RULES):
        control.add_rule(Rule(shown, keys=("VAL",)))
    with pytest.raises(TooManyRules):
        control.add_rule(Rule(shown, keys=("VAL",)))


def test_a_rule_shows_no_keys() -> None:
    assert CODE not in repr(TYPE_CODE)
