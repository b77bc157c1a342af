"""T=1 on bad lines and under any bytes: it delivers, or ends in a typed error."""

from __future__ import annotations

import gc
import random
import tracemalloc
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.protocol.t1.test_block import blocks
from tests.virtual_line import Conversation, Faults, VirtualLine
from tla_sim.protocol.errors import LinkError
from tla_sim.protocol.t1.actions import (
    Aborted,
    Action,
    Failed,
    LinkSettings,
    MessageReceived,
    Resynchronised,
    Role,
    SendBytes,
)
from tla_sim.protocol.t1.block import Block, Edc, Information, Supervisory
from tla_sim.protocol.t1.machine import T1

RUNS = 100


def _bad_line(rng: random.Random) -> Faults:
    return Faults(
        bit_error=rng.choice([0, 1e-5, 1e-4, 1e-3]),
        drop_byte=rng.choice([0, 0, 1e-3]),
        double_byte=rng.choice([0, 0, 1e-3]),
        double=rng.choice([0, 0.05, 0.5]),
        split=rng.choice([0, 0.2]),
        merge=rng.choice([0, 0.2, 0.6]),
        lose=rng.choice([0, 0.02, 0.2]),
        delay=rng.choice([0, 0.1]),
        longest_delay_ms=rng.choice([50, 300, 700]),
        noise=rng.choice([0, 0.05]),
    )


def _run(seed: int, rng: random.Random, faults: Faults) -> Counter[str]:
    def answer(_nad: int, command: bytes) -> tuple[bytes, int]:
        return command[::-1] + b"\x90\x00", rng.choice([0, 10, 1_000, 3_000])

    conversation = Conversation(VirtualLine(rng.choice([9600, 115_200, None]), faults, seed), answer=answer)
    outcomes: Counter[str] = Counter()
    sent = []
    for number in range(4):
        command = bytes((number,)) + rng.randbytes(rng.choice([0, 5, 253, 254, 700]))
        sent.append(command)
        result = conversation.exchange(command)
        if isinstance(result, LinkError):
            outcomes[type(result).__name__] += 1
        else:
            assert result == command[::-1] + b"\x90\x00"
            outcomes["delivered"] += 1
            assert command in conversation.commands
    assert conversation.commands == [command for command in sent if command in conversation.commands]
    return outcomes


@pytest.mark.share(5)
@pytest.mark.parametrize("first", range(0, 1_000, RUNS))
def test_runs_deliver_the_right_bytes_once_or_end_in_a_typed_error(first: int) -> None:
    outcomes: Counter[str] = Counter()
    for seed in range(first, first + RUNS):
        rng = random.Random(seed)
        try:
            outcomes += _run(seed, rng, _bad_line(rng))
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}") from error
    assert sum(outcomes.values()) == 4 * RUNS
    assert outcomes["delivered"] > 2 * RUNS, outcomes


def test_a_slightly_noisy_line_delivers_all_but_always() -> None:
    conversation = Conversation(VirtualLine(115_200, Faults(bit_error=1e-5), seed=7))
    results = [conversation.exchange(bytes(2_000)) for _ in range(100)]
    assert results.count(bytes(2_000)) == 100


@given(st.sampled_from(Edc), st.lists(st.binary(max_size=300), max_size=20), st.binary(max_size=600))
def test_a_reader_survives_garbage_and_serves_the_next_host(
    edc: Edc, garbage: list[bytes], message: bytes
) -> None:
    conversation = Conversation(VirtualLine(None), LinkSettings(edc=edc, baud=None))
    for piece in garbage:
        conversation.reader.receive(piece, 0)
    assert conversation.exchange(message) == message


@settings(max_examples=200)
@given(st.lists(st.one_of(blocks(), st.binary(max_size=40)), max_size=60))
def test_a_reader_survives_any_order_of_good_blocks(pieces: list[Block | bytes]) -> None:
    conversation = Conversation(VirtualLine(None), LinkSettings(baud=None))
    now = 0
    for piece in pieces:
        raw = piece if isinstance(piece, bytes) else piece.build(Edc.CRC)
        conversation.reader.receive(raw, now)
        if conversation.reader.working:
            conversation.reader.send(b"\x90\x00", now)
        if (wake := conversation.reader.wake_at) is not None and len(raw) % 2:
            now = max(now, wake)
            conversation.reader.tick(now)
    conversation.now_us = now * 1000
    assert conversation.exchange(b"after all that") == b"after all that"


def _held_by_the_protocol() -> int:
    """Return how many bytes its code holds, whatever other threads of this process do meanwhile."""
    mine = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(True, "*/protocol/*")])
    return sum(each.size for each in mine.traces)


def test_no_input_makes_a_reader_hold_more_than_one_message_and_one_block() -> None:
    longest = 65_544
    rng = random.Random(1)
    reader = T1(Role.READER, LinkSettings(baud=None))
    chained = []
    for number in (0, 1):
        body = bytes((0x21, 0x20 | number << 6, 254)) + bytes(254)
        chained.append(body + Edc.CRC.of(body))
    tracemalloc.start()
    try:
        most = 0
        for turn in range(300):
            now = turn * 10
            reader.receive(chained[turn % 2], now)
            reader.receive(rng.randbytes(rng.choice([1, 100, 4096])), now)
            reader.tick(now + 1_000)
            if turn % 30 == 0:
                gc.collect()
                most = max(most, _held_by_the_protocol())
    finally:
        tracemalloc.stop()
    assert longest / 100 < most < 1.5 * longest


class WorkstationUnderFire(RuleBasedStateMachine):
    """Whatever comes down the line, each command of a workstation ends once, and time alone ends it."""

    @initialize(edc=st.sampled_from(Edc), baud=st.sampled_from([9600, None]))
    def start(self, edc: Edc, baud: int | None) -> None:
        self.settings = LinkSettings(edc=edc, baud=baud, longest_wait=30_000)
        self.machine = T1(Role.WORKSTATION, self.settings)
        self.now = 0
        self.under_way = 0
        self.last: Block | None = None

    def take(self, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case SendBytes(data):
                    self.last = Block.parse(data, self.settings.edc)
                case MessageReceived() | Failed():
                    self.under_way -= 1
                case Aborted():
                    raise AssertionError("Aborted is the reader's word")

    @precondition(lambda self: self.under_way == 0)
    @rule(data=st.binary(max_size=600), nad=st.sampled_from([0x21, 0x31, 0x41]))
    def send(self, data: bytes, nad: int) -> None:
        self.under_way += 1
        self.take(self.machine.send(data, self.now, nad))

    @rule(data=st.binary(max_size=300))
    def garbage(self, data: bytes) -> None:
        self.take(self.machine.receive(data, self.now))

    @rule(block=blocks())
    def any_block(self, block: Block) -> None:
        self.take(self.machine.receive(block.build(self.settings.edc), self.now))

    @precondition(lambda self: self.last is not None)
    @rule(number=st.integers(0, 1), more=st.booleans(), inf=st.binary(max_size=20))
    def fitting_block(self, number: int, more: bool, inf: bytes) -> None:
        """A block that might be the right one: a response to the last request, or an answer."""
        assert self.last is not None
        nad = (self.last.nad & 0x0F) << 4 | self.last.nad >> 4
        if isinstance(self.last.control, Supervisory) and not self.last.control.response:
            block = Block(nad, Supervisory(self.last.control.about, True), self.last.inf)
        else:
            block = Block(nad, Information(number, more), inf)
        self.any_block(block)

    @rule()
    def abort(self) -> None:
        self.take(self.machine.abort(self.now))

    @rule(late=st.integers(0, 5_000))
    def wake(self, late: int) -> None:
        if self.machine.wake_at is not None:
            self.now = max(self.now, self.machine.wake_at) + late
            self.take(self.machine.tick(self.now))

    @invariant()
    def every_command_ends_once(self) -> None:
        assert self.under_way in (0, 1)
        assert self.machine.idle == (self.under_way == 0)
        if self.under_way:
            assert self.machine.wake_at is not None

    def teardown(self) -> None:
        started = self.now
        for _ in range(100):
            if self.machine.wake_at is None:
                break
            self.now = max(self.now, self.machine.wake_at)
            self.take(self.machine.tick(self.now))
        assert self.under_way == 0
        assert self.now - started < 3 * self.settings.longest_wait


class ReaderUnderFire(RuleBasedStateMachine):
    """Whatever comes down the line, a reader answers only commands it was given, and comes to rest."""

    @initialize()
    def start(self) -> None:
        self.machine = T1(Role.READER, LinkSettings(baud=None, longest_message=500))
        self.now = 0
        self.owed = False

    def take(self, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case MessageReceived(_, data):
                    assert len(data) <= 500
                    assert not self.owed
                    self.owed = True
                case Aborted() | Resynchronised():
                    self.owed = False
                case Failed():
                    raise AssertionError("Failed is the workstation's word")

    @rule(data=st.binary(max_size=300))
    def garbage(self, data: bytes) -> None:
        self.take(self.machine.receive(data, self.now))

    @rule(sent=st.lists(blocks(), max_size=4))
    def any_blocks(self, sent: list[Block]) -> None:
        raw = b"".join(block.build(Edc.CRC) for block in sent)
        self.take(self.machine.receive(raw, self.now))

    @precondition(lambda self: self.owed)
    @rule(data=st.binary(max_size=600))
    def answer(self, data: bytes) -> None:
        self.owed = False
        self.take(self.machine.send(data, self.now))

    @rule(late=st.integers(0, 5_000))
    def wake(self, late: int) -> None:
        if self.machine.wake_at is not None:
            self.now = max(self.now, self.machine.wake_at) + late
            self.take(self.machine.tick(self.now))

    @invariant()
    def owes_what_it_was_asked(self) -> None:
        assert self.machine.working == self.owed


TestWorkstationUnderFire = WorkstationUnderFire.TestCase
TestReaderUnderFire = ReaderUnderFire.TestCase
