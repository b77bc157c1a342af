"""Conditions: what they take, and what meets them."""

from __future__ import annotations

import pytest

from tla_sim.protocol.lad import Lad
from tla_sim.tools.simulator.control.condition import BadCondition, Condition
from tla_sim.tools.simulator.control.pattern import BadPattern
from tla_sim.tools.simulator.control.screens import ScreenShown
from tla_sim.tools.simulator.control.trace_ring import TracedExchange

SCREEN = ScreenShown(
    1, 0, ("CODE PORTEUR FAUX   ", "RESTE 2 ESSAIS      ", " " * 20, "VAL                 "), True
)


def exchange(lad: Lad, command: str) -> TracedExchange:
    return TracedExchange(1, 0, 0, "api", lad, bytes.fromhex(command), b"\x90\x00")


@pytest.mark.parametrize("text", ["code porteur faux", "FAUX  reste 2", "essais val", "Réste"])
def test_a_text_is_found_as_a_person_reads_it(text: str) -> None:
    assert Condition(text=text).shown(SCREEN)
    assert not Condition(no_text=text).shown(SCREEN)


def test_what_is_not_shown_is_not_found() -> None:
    assert not Condition(text="RESTE 3").shown(SCREEN)
    assert Condition(no_text="RESTE 3").shown(SCREEN)
    assert Condition(regexp="reste \\d essais?$").shown(SCREEN)
    assert not Condition(regexp="^VAL.").shown(SCREEN)
    assert not Condition(exchange="any").shown(SCREEN)


def test_an_exchange_is_named_or_given_by_its_instruction() -> None:
    identify = exchange(Lad.LOG_SV, "8010000000")
    select = exchange(Lad.PS, "00A4000C023F00")
    assert Condition(exchange="identify").met_by(identify)
    assert Condition(exchange="IDENTIFY").met_by(identify)
    assert not Condition(exchange="identify").met_by(exchange(Lad.PS, "8010000000"))
    assert not Condition(exchange="read_clock").met_by(identify)
    assert Condition(exchange="a4").met_by(select)
    assert not Condition(exchange="A4").met_by(identify)
    assert not Condition(exchange="a4").met_by(exchange(Lad.PS, "00"))
    assert Condition(exchange="any").met_by(select)
    assert not Condition(text="A").met_by(select)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"text": "A", "regexp": "B"},
        {"text": " "},
        {"text": "A" * 201},
        {"exchange": "unknown"},
        {"exchange": "zz"},
    ],
)
def test_a_wrong_condition_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(BadCondition) as refused:
        Condition(**given)
    assert refused.value.action


def test_a_wrong_regexp_is_refused_when_it_is_given() -> None:
    with pytest.raises(BadPattern):
        Condition(regexp="(")
