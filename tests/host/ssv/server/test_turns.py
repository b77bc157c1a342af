"""Whose turn it is at the reader."""

from __future__ import annotations

import threading

import pytest

from tla_sim.host.ssv.failure import CallRefused
from tla_sim.host.ssv.server.turns import Turns


def refused(turns: Turns, program: object) -> bool:
    try:
        with turns.turn(program):
            return False
    except CallRefused as error:
        return error.ssv == 0x0004


def test_a_turn_is_for_one_program_at_a_time() -> None:
    turns = Turns(patience=0)
    with turns.turn("a"):
        assert refused(turns, "b")
    assert not refused(turns, "b")


def test_a_call_waits_for_its_turn() -> None:
    turns = Turns(patience=60)
    waiting, done = threading.Event(), threading.Event()

    def take() -> None:
        waiting.set()
        with turns.turn("b"):
            done.set()

    with turns.turn("a"):
        thread = threading.Thread(target=take)
        thread.start()
        waiting.wait(60)
        assert not done.is_set()
    thread.join(60)
    assert done.is_set()


def test_a_program_alone_keeps_others_out_between_its_calls() -> None:
    turns = Turns(patience=0)
    with turns.turn("a"):
        turns.keep("a")
    assert turns.is_alone("a")
    assert refused(turns, "b")
    assert not refused(turns, "a")
    turns.give_back("b")
    assert refused(turns, "b")
    turns.give_back("a")
    assert not refused(turns, "b")


def test_who_waited_while_another_became_alone_is_refused() -> None:
    turns = Turns(patience=60)
    found: list[bool] = []
    started = threading.Event()

    def take() -> None:
        started.set()
        found.append(refused(turns, "b"))

    with turns.turn("a"):
        thread = threading.Thread(target=take)
        thread.start()
        started.wait(60)
        turns.keep("a")
    thread.join(60)
    assert found == [True]


def test_a_failed_call_gives_its_turn_back() -> None:
    turns = Turns(patience=0)
    with pytest.raises(ZeroDivisionError), turns.turn("a"):
        raise ZeroDivisionError
    assert not refused(turns, "b")


def test_a_turn_is_taken_without_waiting_only_when_it_is_free() -> None:
    turns = Turns(patience=0)
    with turns.turn("a"), turns.turn_if_free() as free:
        assert not free
    with turns.turn_if_free() as free:
        assert free
        assert refused(turns, "b")
    assert not refused(turns, "b")
