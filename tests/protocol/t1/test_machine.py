"""T=1 between two machines: the scenarios of ISO/IEC 7816-3 §11.6 and annex A, block by block."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest

from tests.virtual_line import Conversation, End, Faults, VirtualLine
from tla_sim.protocol.errors import ExchangeAbandoned, LinkError, LinkProtocolError, NoAnswer
from tla_sim.protocol.t1.actions import (
    Aborted,
    Action,
    Failed,
    LinkSettings,
    MessageReceived,
    Resynchronised,
    Role,
    SendBytes,
    WaitExtended,
)
from tla_sim.protocol.t1.block import Block, Edc, Fault, Information, Ready, Supervision, Supervisory
from tla_sim.protocol.t1.machine import T1, OutOfTurn

LRC = LinkSettings(edc=Edc.LRC)
RESYNCH, IFS, ABORT, WTX = Supervision


class Peer:
    """One machine and a test that plays its peer block by block, at a clock that stands unless moved."""

    def __init__(self, role: Role, settings: LinkSettings | None = None) -> None:
        self.settings = settings or LinkSettings()
        self.machine = T1(role, self.settings)
        self.mine = 0x21 if role is Role.READER else 0x12
        self.now = 0
        self.actions: list[Action] = []
        self.blocks: list[Block] = []

    def take(self, actions: list[Action]) -> Peer:
        for action in actions:
            if isinstance(action, SendBytes):
                self.blocks.append(Block.parse(action.data, self.settings.edc))
            else:
                self.actions.append(action)
        return self

    def say(
        self, control: Information | Ready | Supervisory, inf: bytes = b"", nad: int | None = None
    ) -> Peer:
        block = Block(self.mine if nad is None else nad, control, inf)
        return self.take(self.machine.receive(block.build(self.settings.edc), self.now))

    def wake(self) -> Peer:
        assert self.machine.wake_at is not None
        self.now = max(self.now, self.machine.wake_at)
        return self.take(self.machine.tick(self.now))

    def heard(self) -> list[tuple[object, bytes]]:
        blocks, self.blocks = self.blocks, []
        return [(block.control, block.inf) for block in blocks]

    def events(self) -> list[Action]:
        actions, self.actions = self.actions, []
        return actions


def reader(settings: LinkSettings | None = None) -> Peer:
    """A reader with which the IFS exchange is done."""
    peer = Peer(Role.READER, settings)
    peer.say(Supervisory(RESYNCH, False)).say(Supervisory(IFS, False), b"\xfe")
    peer.say(Information(0, False), b"?")
    peer.say(Supervisory(IFS, True), b"\xfe")
    peer.take(peer.machine.send(b"!", 0))
    peer.heard()
    peer.events()
    return peer


def workstation(settings: LinkSettings | None = None) -> Peer:
    """A workstation that is synchronised and idle."""
    peer = Peer(Role.WORKSTATION, settings)
    peer.take(peer.machine.connect(0)).say(Supervisory(RESYNCH, True))
    peer.take(peer.machine.send(b"?", 0)).say(Supervisory(IFS, True), b"\xfe")
    peer.say(Supervisory(IFS, False), b"\xfe").say(Information(0, False), b"!")
    peer.heard()
    peer.events()
    return peer


def blocks_between(conversation: Conversation) -> list[str]:
    """Record every block as `W I0+ 254`, in the order it goes on the line."""
    log: list[str] = []

    def tap(end: End, data: bytes) -> None:
        block = Block.parse(data, Edc.CRC)
        match block.control:
            case Information(number, more):
                what = f"I{number}{'+' if more else ''} {len(block.inf)}"
            case Ready(number, fault):
                what = f"R{number} {fault.name.lower()}"
            case Supervisory(about, response):
                what = f"{about.name} {'response' if response else 'request'}"
        log.append(f"{end.name[0]} {what}")

    conversation.line.tap = tap
    return log


def test_a_first_exchange_resynchronises_and_agrees_on_254_both_ways() -> None:
    conversation = Conversation()
    log = blocks_between(conversation)
    assert conversation.exchange(b"hello") == b"hello"
    assert log == [
        "W RESYNCH request",
        "R RESYNCH response",
        "W IFS request",
        "R IFS response",
        "W I0 5",
        "R IFS request",
        "W IFS response",
        "R I0 5",
    ]
    assert conversation.exchange(bytes(254)) == bytes(254)
    assert log[8:] == ["W I1 254", "R I1 254"]


def test_chains_go_both_ways() -> None:
    conversation = Conversation()
    conversation.exchange(b"")
    log = blocks_between(conversation)
    message = bytes(range(256)) * 2
    assert conversation.exchange(message) == message
    assert log == [
        "W I1+ 254",
        "R R0 none",
        "W I0+ 254",
        "R R1 none",
        "W I1 4",
        "R I1+ 254",
        "W R0 none",
        "R I0+ 254",
        "W R1 none",
        "R I1 4",
    ]


@pytest.mark.parametrize("edc", Edc)
@pytest.mark.parametrize("size", [0, 1, 253, 254, 255, 508, 509, 65_544])
def test_messages_of_every_size_arrive(edc: Edc, size: int) -> None:
    message = bytes(index * 7 & 0xFF for index in range(size))
    conversation = Conversation(VirtualLine(None), LinkSettings(edc=edc, baud=None))
    assert conversation.exchange(message) == message
    assert conversation.commands == [message]


@pytest.mark.parametrize("spoil", ["lose", "corrupt"])
@pytest.mark.parametrize("number", range(20))
def test_any_single_block_of_two_chains_may_go_wrong(number: int, spoil: str) -> None:
    conversation = Conversation()
    message = bytes(600)
    (conversation.line.lose_writes if spoil == "lose" else conversation.line.corrupt_writes).add(number)
    assert conversation.exchange(message) == message
    assert conversation.commands == [message]
    assert conversation.exchange(b"next") == b"next"


@pytest.mark.parametrize("first", range(18))
def test_any_two_blocks_in_a_row_may_go_wrong(first: int) -> None:
    conversation = Conversation()
    conversation.line.lose_writes = {first, first + 1}
    assert conversation.exchange(bytes(600)) == bytes(600)
    assert len(conversation.commands) == 1


def test_the_nad_reaches_the_reader_and_comes_back_reversed() -> None:
    conversation = Conversation()
    for nad in (0x21, 0x31, 0x41):
        assert conversation.exchange(b"x", nad) == b"x"
    received = [action.nad for action in conversation.seen[End.READER] if isinstance(action, MessageReceived)]
    answered = [
        action.nad for action in conversation.seen[End.WORKSTATION] if isinstance(action, MessageReceived)
    ]
    assert received == [0x21, 0x31, 0x41]
    assert answered == [0x12, 0x13, 0x14]


def test_a_block_with_a_bad_edc_is_asked_for_again_as_an_edc_error() -> None:
    peer = reader()
    peer.take(peer.machine.receive(bytes.fromhex("21400100AAAA"), peer.now))
    assert peer.heard() == []
    peer.wake()
    assert peer.heard() == [(Ready(1, Fault.EDC), b"")]


def test_a_partial_block_is_dropped_after_the_character_waiting_time_counted_in_line_time() -> None:
    peer = reader(LinkSettings(baud=9600, character_wait=200))
    peer.take(peer.machine.receive(b"\x21\x40", peer.now))
    assert peer.machine.wake_at == peer.now + 200 + 3
    peer.wake()
    assert peer.heard() == [(Ready(1, Fault.OTHER), b"")]
    peer.say(Information(1, False), b"again")
    assert peer.events() == [MessageReceived(0x21, b"again")]


def test_a_slow_partial_block_is_not_dropped_while_bytes_come() -> None:
    peer = reader()
    for byte in Block(0x21, Information(1, False), b"slowly").build(Edc.CRC):
        peer.take(peer.machine.receive(bytes((byte,)), peer.now))
        peer.now += 150
        peer.take(peer.machine.tick(peer.now))
    assert peer.events() == [MessageReceived(0x21, b"slowly")]


def test_the_block_waiting_time_starts_when_the_last_byte_is_on_the_line() -> None:
    for baud, line_time in ((9600, 270), (115_200, 23), (None, 0)):
        peer = workstation(LinkSettings(baud=baud, block_wait=1600))
        peer.take(peer.machine.send(bytes(254), 1000))
        assert peer.machine.wake_at == 1000 + line_time + 1600


def test_without_patience_a_silent_reader_is_asked_twice_then_resynchronised_thrice_then_given_up() -> None:
    peer = workstation(LinkSettings(patience=0))
    peer.take(peer.machine.send(b"x", 0))
    while not peer.actions:
        peer.wake()
    assert [control for control, _ in peer.heard()] == [Information(1, False)] + 2 * [
        Ready(1, Fault.OTHER)
    ] + 3 * [Supervisory(RESYNCH, False)]
    (failed,) = peer.events()
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, LinkProtocolError | NoAnswer)
    assert peer.now == pytest.approx(6 * 1600, rel=0.02)
    assert peer.machine.wake_at is None


@pytest.mark.parametrize("settings", [LinkSettings(), LinkSettings(baud=None, block_wait=5_000)])
def test_a_reader_known_on_the_line_is_asked_ever_less_often_before_its_session_is_ended(
    settings: LinkSettings,
) -> None:
    peer = workstation(settings)
    peer.take(peer.machine.send(b"x", 0))
    asked: list[int] = []
    while not peer.actions:
        for control, _ in peer.heard():
            if isinstance(control, Ready):
                asked.append(peer.now)
            elif control == Supervisory(RESYNCH, False):
                asked.append(-peer.now)
        peer.wake()
    gaps = [later - earlier for earlier, later in pairwise(at for at in asked if at > 0)]
    assert len(gaps) <= 8
    assert all(later >= 0.9 * earlier for earlier, later in pairwise(gaps[:-1]))
    assert settings.patience <= -max(at for at in asked if at < 0) < 1.1 * settings.patience
    assert peer.now < 1.1 * settings.patience + settings.attempts * settings.block_wait + 100


def test_a_reader_that_never_answered_is_named_silent() -> None:
    peer = Peer(Role.WORKSTATION)
    peer.take(peer.machine.send(b"x", 0))
    while not peer.actions:
        peer.wake()
    (failed,) = peer.events()
    assert isinstance(failed, Failed)
    assert type(failed.error) is NoAnswer
    assert peer.now < 5000


def test_after_a_failure_the_next_command_starts_with_a_resynchronisation() -> None:
    conversation = Conversation()
    conversation.line.lose_writes = set(range(3))
    assert isinstance(conversation.exchange(b"lost"), NoAnswer)
    assert conversation.exchange(b"found") == b"found"
    assert conversation.commands == [b"found"]


def test_a_resynchronisation_in_mid_exchange_abandons_the_command_and_says_so() -> None:
    peer = workstation(LinkSettings(patience=0))
    peer.take(peer.machine.send(b"x", 0))
    for _ in range(3):
        peer.wake()
    peer.heard()
    peer.say(Supervisory(RESYNCH, True))
    resynchronised, failed = peer.events()
    assert isinstance(resynchronised, Resynchronised)
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, ExchangeAbandoned)
    peer.take(peer.machine.send(b"y", peer.now))
    assert peer.heard() == [(Supervisory(IFS, False), b"\xfe")], "sizes are agreed afresh"


def test_a_new_host_on_the_line_starts_clean() -> None:
    peer = reader()
    peer.say(Information(1, True), b"half a message of the host before")
    peer.heard()
    peer.say(Supervisory(RESYNCH, False))
    assert peer.heard() == [(Supervisory(RESYNCH, True), b"")]
    assert peer.events() == [Resynchronised()]
    peer.say(Information(0, False), b"mine")
    assert peer.events() == [MessageReceived(0x21, b"mine")]


def test_a_command_overtaken_by_a_resynchronisation_in_the_same_bytes_is_not_begun() -> None:
    peer = reader()
    both = Block(0x21, Information(1, False), b"old").build(Edc.CRC)
    both += Block(0x21, Supervisory(RESYNCH, False)).build(Edc.CRC)
    peer.take(peer.machine.receive(both, 0))
    assert peer.events() == [Resynchronised()]
    assert not peer.machine.working


def test_a_doubled_block_is_taken_once() -> None:
    conversation = Conversation(VirtualLine(9600, Faults(double=1.0)))
    for number in range(5):
        message = bytes((number,)) * 300
        assert conversation.exchange(message) == message
    assert len(conversation.commands) == 5


def test_the_reader_asks_for_time_while_it_works_and_the_workstation_grants_it() -> None:
    conversation = Conversation(answer=lambda _nad, command: (command, 10_000))
    log = blocks_between(conversation)
    assert conversation.exchange(b"sign") == b"sign"
    assert conversation.now_ms == pytest.approx(10_000, abs=200)
    assert log.count("R WTX request") == log.count("W WTX response") == 12
    assert WaitExtended(1) in conversation.seen[End.WORKSTATION]


@pytest.mark.parametrize("number", range(8, 14))
def test_a_lost_request_for_time_or_grant_is_repaired(number: int) -> None:
    conversation = Conversation(answer=lambda _nad, command: (command, 3_000))
    conversation.line.lose_writes = {number}
    assert conversation.exchange(b"sign") == b"sign"
    assert conversation.commands == [b"sign"]


def test_more_time_is_as_long_as_the_reader_asked_for() -> None:
    peer = workstation(LinkSettings(baud=None))
    peer.take(peer.machine.send(b"x", 0))
    peer.say(Supervisory(WTX, False), b"\x0a")
    assert peer.heard()[-1] == (Supervisory(WTX, True), b"\x0a")
    assert peer.machine.wake_at == 16_000


def test_an_answer_that_is_ready_waits_for_the_grant_under_way() -> None:
    peer = reader()
    peer.say(Information(1, False), b"work")
    peer.wake()
    assert peer.heard() == [(Supervisory(WTX, False), b"\x01")]
    peer.take(peer.machine.send(b"done", peer.now))
    assert peer.heard() == []
    peer.say(Supervisory(WTX, True), b"\x01")
    assert peer.heard() == [(Information(1, False), b"done")]


def test_a_workstation_may_abort_a_command_that_the_reader_works_on() -> None:
    conversation = Conversation(answer=lambda _nad, command: (command, 60_000))
    conversation.carry_out(End.WORKSTATION, conversation.workstation.send(b"long", 0))
    while not conversation.commands:
        conversation.step()
    conversation.carry_out(End.WORKSTATION, conversation.workstation.abort(conversation.now_ms))
    while not conversation.workstation.idle:
        conversation.step()
    assert conversation.now_ms < 2_000
    assert conversation.seen[End.READER][-1] == Aborted()
    last = conversation.seen[End.WORKSTATION][-1]
    assert isinstance(last, Failed)
    assert isinstance(last.error, ExchangeAbandoned)
    conversation.settle()


def test_a_workstation_may_abort_its_own_chain() -> None:
    peer = workstation()
    peer.take(peer.machine.send(bytes(600), 0))
    peer.take(peer.machine.abort(0))
    peer.say(Ready(0, Fault.NONE))
    assert peer.heard()[-1] == (Supervisory(ABORT, False), b"")
    peer.say(Supervisory(ABORT, True))
    (failed,) = peer.events()
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, ExchangeAbandoned)
    peer.take(peer.machine.send(b"next", 0))
    assert peer.heard() == [(Information(0, False), b"next")]


@pytest.mark.parametrize("before", ["the resynchronisation", "the size", "a try without a size"])
def test_a_command_given_up_before_any_of_it_is_on_the_line_is_never_sent(before: str) -> None:
    peer = Peer(Role.WORKSTATION)
    peer.take(peer.machine.send(b"erase", 0))
    if before == "the resynchronisation":
        peer.take(peer.machine.abort(0))
    peer.say(Supervisory(RESYNCH, True))
    peer.take(peer.machine.abort(0))
    assert not peer.machine.idle
    if before == "a try without a size":
        for _ in range(3):
            peer.wake()
    else:
        peer.say(Supervisory(IFS, True), b"\xfe")
    assert {type(control) for control, _ in peer.heard()} == {Supervisory}
    failed = peer.events()[-1]
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, ExchangeAbandoned)
    assert peer.machine.idle
    peer.take(peer.machine.send(b"next", peer.now))
    assert peer.heard()[-1] == (Information(0, False), b"next")


def test_a_workstation_may_abort_the_readers_chain() -> None:
    conversation = Conversation(answer=lambda _nad, _command: (bytes(5000), 0))
    conversation.carry_out(End.WORKSTATION, conversation.workstation.send(b"all", 0))
    while not conversation.commands:
        conversation.step()
    conversation.carry_out(End.WORKSTATION, conversation.workstation.abort(conversation.now_ms))
    while not conversation.workstation.idle:
        conversation.step()
    assert isinstance(conversation.seen[End.WORKSTATION][-1], Failed)
    assert conversation.exchange(b"again") == bytes(5000)


def test_a_reader_may_abandon_its_work() -> None:
    peer = reader()
    peer.say(Information(1, False), b"work")
    peer.take(peer.machine.abort(peer.now))
    assert peer.heard() == [(Supervisory(ABORT, False), b"")]
    peer.say(Supervisory(ABORT, True))
    assert peer.heard() == [(Ready(0, Fault.NONE), b"")], "the right to send goes back"
    assert peer.events()[-1] == Aborted()


@pytest.mark.parametrize("lost", [None, 11, 12, 13])
def test_a_command_longer_than_the_reader_takes_is_aborted_and_the_next_one_passes(lost: int | None) -> None:
    conversation = Conversation(reader_settings=LinkSettings(longest_message=300))
    if lost is not None:
        conversation.line.lose_writes = {lost}
    assert isinstance(conversation.exchange(bytes(5000)), ExchangeAbandoned)
    assert conversation.commands == []
    assert conversation.exchange(bytes(300)) == bytes(300)


@pytest.mark.parametrize("size", [301, 5000])
def test_an_answer_longer_than_the_workstation_takes_is_a_typed_error(size: int) -> None:
    conversation = Conversation(
        settings=LinkSettings(longest_message=300),
        reader_settings=LinkSettings(),
        answer=lambda _nad, command: (bytes(size if command == b"long" else 2), 0),
    )
    assert isinstance(conversation.exchange(b"long"), LinkProtocolError)
    assert conversation.exchange(b"short") == bytes(2)


def test_the_peers_size_is_kept_to() -> None:
    peer = reader()
    peer.say(Supervisory(IFS, False), b"\x10").say(Information(1, False), b"?")
    peer.heard()
    peer.take(peer.machine.send(bytes(40), 0))
    assert peer.heard() == [(Information(1, True), bytes(16))]


def answer_in_blocks(peer: Peer, size: int, missed: tuple[int, ...] = ()) -> list[int]:
    """A reader's answer of this size; the length of each block's content. Blocks `missed` are sent again."""
    peer.say(Information(1, False), b"?")
    peer.take(peer.machine.send(bytes(size), 0))
    lengths: list[int] = []
    while True:
        (control, inf) = peer.heard()[-1]
        assert isinstance(control, Information)
        if len(lengths) in missed:
            again = peer.say(Ready(control.number, Fault.EDC)).heard()
            assert again == [(control, inf)], "a block that is missed comes again as it was"
        lengths.append(len(inf))
        if not control.more:
            return lengths
        peer.say(Ready(control.number ^ 1, Fault.NONE))


def test_blocks_are_as_long_as_the_peer_takes_while_none_is_missed() -> None:
    assert answer_in_blocks(reader(), 254 * 40) == [254] * 40


def test_a_missed_block_makes_the_next_ones_shorter_until_many_arrive() -> None:
    lengths = answer_in_blocks(reader(), 254 * 40, missed=(3,))
    assert lengths[:5] == [254, 254, 254, 254, 127]
    assert lengths[-2] == 254
    assert sum(lengths) == 254 * 40


def test_blocks_missed_one_after_the_other_make_them_shorter_down_to_32_bytes() -> None:
    lengths = answer_in_blocks(reader(), 2_000, missed=tuple(range(8)))
    assert lengths[:6] == [254, 127, 63, 32, 32, 32]


def test_lone_misses_make_them_no_shorter_than_96_bytes() -> None:
    lengths = answer_in_blocks(reader(), 9_000, missed=tuple(range(2, 60, 3)))
    assert lengths[10:20] == [96] * 10


@pytest.mark.parametrize("size", [0, 255])
def test_a_size_outside_1_to_254_is_refused(size: int) -> None:
    peer = reader()
    peer.say(Supervisory(IFS, False), bytes((size,)))
    assert peer.heard() == [(Ready(1, Fault.OTHER), b"")]


def test_a_reader_without_size_exchange_is_served_in_small_blocks() -> None:
    peer = Peer(Role.WORKSTATION)
    peer.take(peer.machine.send(bytes(40), 0)).say(Supervisory(RESYNCH, True))
    for _ in range(3):
        peer.wake()
    assert peer.heard()[-1] == (Information(0, True), bytes(32))


def test_a_chain_whose_blocks_name_another_node_is_refused() -> None:
    peer = reader()
    peer.say(Information(1, True), b"to Log_SV").heard()
    peer.say(Information(0, False), b"to a card", nad=0x31)
    assert peer.heard() == [(Ready(0, Fault.OTHER), b"")]
    assert peer.events() == []


def test_calls_out_of_turn_are_mistakes_of_the_caller() -> None:
    host, device = workstation(), reader()
    host.take(host.machine.send(b"x", 0))
    with pytest.raises(OutOfTurn):
        host.machine.send(b"y", 0)
    with pytest.raises(OutOfTurn):
        host.machine.connect(0)
    with pytest.raises(OutOfTurn):
        device.machine.send(b"z", 0)
    with pytest.raises(OutOfTurn):
        device.machine.connect(0)


Liar = Callable[[Block, int], bytes]


def _block(control: Information | Ready | Supervisory, inf: bytes = b"") -> bytes:
    return Block(0x12, control, inf).build(Edc.CRC)


LIARS: dict[str, Liar] = {
    "more time without end": lambda *_: _block(Supervisory(WTX, False), b"\x01"),
    "the most time without end": lambda *_: _block(Supervisory(WTX, False), b"\xff"),
    "sizes without end": lambda *_: _block(Supervisory(IFS, False), b"\x20"),
    "always not ready": lambda _asked, n: _block(Ready(n & 1, Fault.OTHER)),
    "always ready for 0": lambda *_: _block(Ready(0, Fault.NONE)),
    "always ready for 1": lambda *_: _block(Ready(1, Fault.NONE)),
    "empty blocks of a chain": lambda _asked, n: _block(Information(n & 1, True)),
    "one byte a block": lambda _asked, n: _block(Information(n & 1, True), b"x"),
    "a chain without end": lambda _asked, n: _block(Information(n & 1, True), bytes(254)),
    "resynchronises by itself": lambda *_: _block(Supervisory(RESYNCH, False)),
    "aborts": lambda *_: _block(Supervisory(ABORT, False)),
    "echoes": lambda block, _n: block.build(Edc.CRC),
    "noise": lambda _asked, n: bytes((n * 37 & 0xFF,)) * 50,
    "says nothing": lambda *_: b"",
    "another node": lambda _asked, n: Block(0x14, Information(n & 1, False), b"x").build(Edc.CRC),
}


@pytest.mark.parametrize("polite", [True, False], ids=["after a resynchronisation", "from the start"])
@pytest.mark.parametrize("name", LIARS)
def test_a_reader_that_lies_ends_in_a_typed_error_in_bounded_time(name: str, polite: bool) -> None:
    settings = LinkSettings(longest_wait=60_000)
    host = T1(Role.WORKSTATION, settings)
    actions = host.send(bytes(600), 0)
    now, answered = 0, 0
    while not any(isinstance(action, Failed) for action in actions):
        answer = b""
        for action in actions:
            if isinstance(action, SendBytes):
                block = Block.parse(action.data, Edc.CRC)
                match block.control:
                    case Supervisory(Supervision.RESYNCH | Supervision.IFS as about, False) if polite:
                        answer += _block(Supervisory(about, True), block.inf)
                    case Information(number, True) if polite:
                        answer += _block(Ready(1 - number, Fault.NONE))
                    case _:
                        answer += LIARS[name](block, answered)
                        answered += 1
        if answer:
            now += 1
            actions = host.receive(answer, now)
        else:
            assert host.wake_at is not None
            now = max(now, host.wake_at)
            actions = host.tick(now)
        assert answered < 70_000
    (failed,) = (action for action in actions if isinstance(action, Failed))
    assert isinstance(failed.error, LinkError)
    assert now < 3 * settings.longest_wait
    assert host.wake_at is None


def test_noise_without_a_pause_does_not_hold_an_exchange() -> None:
    peer = workstation()
    peer.take(peer.machine.send(b"x", 0))
    while not peer.actions:
        peer.now += 10
        peer.take(peer.machine.receive(b"\x00" * 9, peer.now)).take(peer.machine.tick(peer.now))
        assert peer.now < 60_000
    (failed,) = peer.events()
    assert isinstance(failed, Failed)


def test_the_bound_on_waiting_is_the_stated_one() -> None:
    settings = replace(LinkSettings(baud=None), longest_wait=20_000)
    conversation = Conversation(VirtualLine(None), settings, answer=lambda _nad, command: (command, 10**9))
    error = conversation.exchange(b"forever")
    assert isinstance(error, NoAnswer)
    assert "20 s" in str(error)
    assert conversation.now_ms == 20_000


def test_long_chains_deliver_96_of_100_bytes_as_payload() -> None:
    for baud in (9600, 115_200):
        conversation = Conversation(VirtualLine(baud), LinkSettings(baud=baud))
        conversation.exchange(b"")
        carried, started = conversation.line.carried, conversation.now_us
        payload = bytes(65_544)
        assert conversation.exchange(payload) == payload
        assert 2 * len(payload) / (conversation.line.carried - carried) >= 0.96
        seconds = (conversation.now_us - started) / 1_000_000
        assert 2 * len(payload) * 10 / baud / seconds >= 0.96
