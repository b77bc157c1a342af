"""The server's side of a connection, byte by byte, in virtual time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.declaration import Function
from tla_sim.host.ssv.failure import CallRefused
from tla_sim.host.ssv.frame_reader import SMALL_FRAME_BYTES
from tla_sim.host.ssv.frames import (
    HELLO,
    MAGIC,
    VERSION,
    WELCOME,
    Client,
    Hello,
    Welcome,
    build_answer,
    build_call,
    build_frame,
    parse_answer,
)
from tla_sim.host.ssv.functions import LIRE_CARTE_PS, LIRE_DATE_LECTEUR, TRADUIRE_FSE
from tla_sim.host.ssv.server.conversation import FRAME_S, Conversation
from tla_sim.host.ssv.server.memory import FrameMemory
from tla_sim.host.ssv.server.party import CallDone, Peer
from tla_sim.protocol.errors import LinkProtocolError

GREETING = build_frame(HELLO.build(Hello(MAGIC, VERSION, Client.SSV, b"", "épicerie".encode())))
DATE = build_frame(build_call(LIRE_DATE_LECTEUR, {"reader": b"Log_SV"}, 3_000))


@dataclass
class FakeParty:
    """A party that answers as it is told."""

    functions: Mapping[int, Function] = field(
        default_factory=lambda: {
            each.number: each for each in (LIRE_DATE_LECTEUR, LIRE_CARTE_PS, TRADUIRE_FSE)
        }
    )
    called: list[tuple[Function, Mapping[str, Any]]] = field(default_factory=list)
    failure: Exception | None = None
    left: int = 0
    before: Callable[[], None] = lambda: None
    body: bytes | None = None

    def answer(self, function: Function, values: Mapping[str, Any]) -> bytes:
        self.called.append((function, values))
        self.before()
        if self.failure is not None:
            raise self.failure
        if self.body is not None:
            return self.body
        return build_answer(function, 0, {each.name: b"42" for each in function.outputs})

    def leave(self) -> None:
        self.left += 1


class Bench:
    """A conversation with a party, and a clock that the test moves."""

    def __init__(
        self,
        memory: FrameMemory | None = None,
        refusal: CallRefused | None = None,
        has_hung_up: Callable[[], bool] = lambda: False,
    ) -> None:
        self.now = 50.0
        self.party = FakeParty()
        self.refusal = refusal
        self.told: list[CallDone] = []
        self.mistakes: list[Exception] = []
        self.refused: list[str] = []
        self.conversation = Conversation(
            self.welcome,
            process=7,
            memory=memory,
            observer=self.told.append,
            on_mistake=self.mistakes.append,
            on_refused=lambda _, error: self.refused.append(error.message),
            has_hung_up=has_hung_up,
            now=lambda: self.now,
        )

    def welcome(self, _hello: Hello, peer: Peer) -> FakeParty:
        assert peer == Peer(7, "épicerie")
        if self.refusal is not None:
            raise self.refusal
        return self.party

    def send(self, data: bytes) -> list[bytes]:
        """Send bytes and return the bodies of the answers."""
        return [frame[4:] for frame in self.conversation.receive(data)]

    def greeted(self) -> Bench:
        assert self.send(GREETING) == [WELCOME.build(Welcome(VERSION, 0))]
        return self


def code(body: bytes) -> int:
    return int.from_bytes(body, "big")


def test_calls_are_answered_in_their_order_however_they_arrive() -> None:
    bench = Bench()
    found = [answer for byte in GREETING + DATE + DATE for answer in bench.send(bytes((byte,)))]
    assert found[0] == WELCOME.build(Welcome(VERSION, 0))
    assert [parse_answer(LIRE_DATE_LECTEUR, each) for each in found[1:]] == [(0, {"moment": b"42"})] * 2
    assert bench.party.called == [(LIRE_DATE_LECTEUR, {"reader": b"Log_SV"})] * 2
    assert bench.conversation.patience == 3.0


def test_a_library_of_another_version_is_told_ours_and_800e() -> None:
    bench = Bench()
    other = MAGIC + (VERSION + 1).to_bytes(2, "big") + b"what only that version knows"
    assert bench.send(build_frame(other)) == [WELCOME.build(Welcome(VERSION, SsvCode.VERSIONS))]
    assert bench.conversation.ended


def test_a_program_that_is_not_served_gets_the_code() -> None:
    bench = Bench(refusal=CallRefused(SsvCode.WORKING_FOLDER, "RepertoireTravail is missing"))
    assert bench.send(GREETING + DATE) == [WELCOME.build(Welcome(VERSION, 0xF6F1))]
    assert bench.conversation.ended
    assert not bench.party.called
    assert bench.refused == ["RepertoireTravail is missing"]


def test_why_a_call_could_not_be_carried_out_is_told() -> None:
    bench = Bench().greeted()
    bench.party.failure = CallRefused(SsvCode.INPUT, "Group {number} is cut short", "Send it whole", number=2)
    assert [code(answer) for answer in bench.send(DATE)] == [0xF802]
    bench.party.failure = None
    bench.send(DATE)
    assert [each.reason for each in bench.told] == ["Group 2 is cut short. Send it whole.", ""]


@pytest.mark.parametrize(
    "sent",
    [build_frame(b"GET / HTTP/1.1"), b"GET / HTTP/1.1\r\n", build_frame(b""), build_frame(MAGIC + b"\0\1\0")],
)
def test_what_is_no_library_is_hung_up_on(sent: bytes) -> None:
    bench = Bench()
    assert bench.send(sent) == []
    assert bench.conversation.ended


def test_the_hello_must_come_in_time() -> None:
    bench = Bench()
    assert bench.conversation.deadline == 50.0 + FRAME_S
    bench.now += 3
    bench.send(GREETING[:5])
    assert bench.conversation.deadline == 50.0 + FRAME_S
    bench.conversation.late()
    assert bench.conversation.ended


def test_a_program_may_rest_between_calls_but_not_within_one() -> None:
    bench = Bench().greeted()
    assert bench.conversation.deadline is None
    bench.now += 1_000_000
    bench.send(DATE[:6])
    due = bench.conversation.deadline
    assert due == bench.now + FRAME_S
    bench.now += 5
    bench.send(DATE[6:8])
    assert bench.conversation.deadline == due, "a trickle gives no more time"
    bench.send(DATE[8:])
    assert bench.conversation.deadline is None
    bench.send(DATE + DATE[:1])
    assert bench.conversation.deadline == bench.now + FRAME_S


def test_an_unknown_function_is_f0ff_and_the_next_call_is_served() -> None:
    bench = Bench().greeted()
    unknown = build_frame((999).to_bytes(2, "big") + bytes(4))
    cut = build_frame(build_call(LIRE_DATE_LECTEUR, {"reader": b"Log_SV"}, 0)[:-1])
    first, second, third = bench.send(unknown + cut + DATE)
    assert (code(first), code(second)) == (0xF0FF, 0xF0FF)
    assert third[:2] == b"\0\0"


def test_a_failure_without_an_answer_is_told_by_its_code() -> None:
    bench = Bench().greeted()
    bench.party.failure = CallRefused(SsvCode.HELD, "Held")
    assert [code(each) for each in bench.send(DATE)] == [0x0004]
    bench.party.failure = LinkProtocolError("Out of step")
    assert [code(each) for each in bench.send(DATE)] == [0x0200]


def test_a_mistake_of_ours_is_0001_and_shows_nothing_of_the_call(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "tla_sim.ssv")
    bench = Bench().greeted()
    bench.party.failure = KeyError("2961112345678")
    assert [code(each) for each in bench.send(DATE)] == [0x0001]
    assert bench.mistakes == [bench.party.failure]
    assert "KeyError" in caplog.text
    assert "2961112345678" not in caplog.text
    bench.party.failure = None
    assert bench.send(DATE)[0][:2] == b"\0\0"


def test_each_call_is_told_once_it_was_answered_without_what_it_carried() -> None:
    bench = Bench().greeted()
    for _ in bench.conversation.receive(DATE):
        assert bench.told == [], "not before the answer is sent"
        bench.now += 0.25
    (told,) = bench.told
    assert (told.peer, told.function, told.heard) == (Peer(7, "épicerie"), LIRE_DATE_LECTEUR, True)
    assert "Log_SV" not in repr(told)


def test_a_call_whose_program_vanished_is_told_as_unheard() -> None:
    bench = Bench().greeted()
    next(bench.conversation.receive(DATE))
    bench.conversation.close(heard=False)
    assert [each.heard for each in bench.told] == [False]
    assert bench.party.left == 1
    bench.conversation.close()
    assert bench.party.left == 1


def test_a_frame_without_memory_is_f801_and_the_next_call_is_served() -> None:
    bench = Bench(FrameMemory(0)).greeted()
    long = build_frame(build_call(TRADUIRE_FSE, {"zone": bytes(SMALL_FRAME_BYTES)}, 0))
    first, second = bench.send(long + DATE)
    assert code(first) == 0xF801
    assert second[:2] == b"\0\0"
    assert [function for function, _ in bench.party.called] == [LIRE_DATE_LECTEUR]
    assert bench.conversation.deadline is None


def test_a_long_frame_in_place_of_the_hello_is_hung_up_on() -> None:
    bench = Bench(FrameMemory(0))
    assert bench.send(build_frame(MAGIC + bytes(SMALL_FRAME_BYTES)) + GREETING) == []
    assert bench.conversation.ended


def test_the_memory_of_a_frame_is_given_back_with_its_answer_or_its_end() -> None:
    long = build_frame(build_call(TRADUIRE_FSE, {"zone": bytes(SMALL_FRAME_BYTES)}, 0))
    memory = FrameMemory(len(long))
    bench = Bench(memory).greeted()
    for _ in range(3):
        assert bench.send(long)[0][:2] == b"\0\0"
    bench.send(long[:100])
    bench.conversation.close()
    assert memory.take(len(long) - 4)


def test_a_call_is_not_begun_for_a_program_that_hung_up() -> None:
    bench = Bench(has_hung_up=lambda: True).greeted()
    assert [code(each) for each in bench.send(DATE)] == [SsvCode.ABANDONED]
    assert not bench.party.called


def test_a_call_without_memory_is_f801() -> None:
    bench = Bench().greeted()
    bench.party.failure = MemoryError()
    assert [code(each) for each in bench.send(DATE)] == [SsvCode.ALLOCATION]
    assert not bench.mistakes


def test_whoever_watches_cannot_end_a_connection_nor_keep_what_it_holds(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def full(*_facts: object) -> None:
        raise OSError(28, "No space left on device")

    party = FakeParty()
    conversation = Conversation(lambda _hello, _peer: party, observer=full, on_mistake=full, on_refused=full)
    assert len(list(conversation.receive(GREETING + DATE + DATE))) == 3
    party.failure = ValueError("a mistake of ours")
    (answer,) = conversation.receive(DATE)
    assert code(answer[4:]) == SsvCode.GALSS_INTERNAL
    for _ in conversation.receive(DATE):
        conversation.close(heard=False)
    assert party.left == 1
    assert "OSError" in caplog.text
