"""The reader's T=1 link, block by block, on the reader's clock."""

from __future__ import annotations

import pytest

from tests.fake_reader import FakeReader
from tests.reader_fw.links.link_conformance import LinkConformance
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.t1.block import Block, Edc, Fault, Information, Ready, Supervision, Supervisory
from tla_sim.reader_fw.links.port import Link, LinkPort, Now
from tla_sim.reader_fw.links.t1_link import T1Link
from tla_sim.tools.simulator.virtual_cable import VirtualCable, cable_transport

RESYNCH, IFS, ABORT, WTX = Supervision


class Host:
    """Speaks blocks to a link of a fake reader."""

    def __init__(self, reader: FakeReader) -> None:
        self.reader = reader
        self.port = reader.attach("test")
        self.link = T1Link(self.port, reader.clock)
        self.say(Supervisory(RESYNCH, False))
        self.say(Supervisory(IFS, False), b"\xfe")
        self.number = 0

    def say(
        self, control: Information | Ready | Supervisory, inf: bytes = b"", nad: int = 0x21
    ) -> list[Block]:
        return self.blocks(self.link.receive(Block(nad, control, inf).build(Edc.CRC)))

    def blocks(self, raw: bytes) -> list[Block]:
        blocks = []
        while raw:
            size = 3 + raw[2] + 2
            blocks.append(Block.parse(raw[:size], Edc.CRC))
            raw = raw[size:]
        return blocks

    def command(self, apdu: bytes, nad: int = 0x21) -> list[Block]:
        blocks = self.say(Information(self.number, False), apdu, nad)
        self.number ^= 1
        if blocks and blocks[0].control == Supervisory(IFS, False):
            blocks = self.say(Supervisory(IFS, True), b"\xfe", nad)
        return blocks

    def wake(self) -> list[Block]:
        assert self.link.wake_at is not None
        self.reader.tick(max(0, self.link.wake_at - self.reader.clock.now_ms))
        return self.blocks(self.link.tick())


class TestT1Link(LinkConformance):
    def make(self, port: LinkPort, clock: Now) -> T1Link:
        return T1Link(port, clock)

    def exchange(self, link: Link, reader: FakeReader, lad: Lad, apdu: bytes) -> bytes:
        return cable_transport(VirtualCable(link, reader.clock, reader.tick)).transmit(apdu, lad)


@pytest.mark.parametrize("lad", Lad)
def test_each_node_is_an_address_of_the_reader(lad: Lad) -> None:
    host = Host(FakeReader())
    (answer,) = host.command(b"\x80\x10\x00\x00", lad.nad)
    assert answer.inf == b"\x80\x10\x00\x00" + bytes((lad,)) + b"\x90\x00"
    assert answer.nad == 0x10 | lad.node
    assert host.reader.commands == [("test", lad, b"\x80\x10\x00\x00")]


def test_a_node_that_is_not_there_is_answered_with_a_status_word() -> None:
    host = Host(FakeReader())
    (answer,) = host.command(b"\x80\x10\x00\x00", 0x51)
    assert answer.inf.hex() == "6a81"
    assert host.reader.commands == []
    assert host.command(b"\x80\x10\x00\x00")[0].inf.endswith(b"\x90\x00")


def test_the_answer_leaves_when_the_readers_clock_has_reached_its_time() -> None:
    host = Host(FakeReader(lambda _lad, _apdu: (b"\x90\x00", 100)))
    assert host.command(b"\x80\x10\x00\x00") == []
    assert host.link.wake_at == host.reader.clock.now_ms + 100
    host.reader.tick(99)
    assert host.link.tick() == b""
    host.reader.tick(1)
    (answer,) = host.blocks(host.link.tick())
    assert answer.inf == b"\x90\x00"
    assert host.link.wake_at is None


def test_the_host_is_asked_for_time_while_a_person_types() -> None:
    host = Host(FakeReader(lambda _lad, _apdu: (b"\x90\x00", 5_000)))
    host.command(b"\x80\x24\x00\x00")
    granted = 0
    while True:
        (block,) = host.wake()
        if block.control != Supervisory(WTX, False):
            break
        granted += 1
        assert host.say(Supervisory(WTX, True), block.inf) == []
    assert block.inf == b"\x90\x00"
    assert granted == 6


def test_a_new_host_ends_the_session_and_the_command_of_the_one_before() -> None:
    host = Host(FakeReader(lambda _lad, _apdu: (b"\x90\x00", 60_000)))
    host.command(b"\x80\x24\x00\x00")
    host.port.log.clear()
    (block,) = host.say(Supervisory(RESYNCH, False))
    assert block.control == Supervisory(RESYNCH, True)
    assert host.port.log == ["reset"]
    assert host.port.due_ms is None
    assert host.link.wake_at is None


def test_an_aborted_command_is_dropped() -> None:
    host = Host(FakeReader(lambda _lad, _apdu: (b"\x90\x00", 60_000)))
    host.command(b"\x80\x24\x00\x00")
    (block,) = host.say(Supervisory(ABORT, False))
    assert block.control == Supervisory(ABORT, True)
    assert host.port.log[-1] == "abort"
    host.reader.tick(60_000)
    assert host.link.tick() == b""


def test_a_command_longer_than_an_apdu_can_be_never_reaches_the_reader() -> None:
    host = Host(FakeReader())
    number = 0
    blocks = host.say(Information(0, True), bytes(254))
    blocks = host.say(Supervisory(IFS, True), b"\xfe")
    while blocks[-1].control == Ready(1 - number, Fault.NONE):
        number ^= 1
        blocks = host.say(Information(number, True), bytes(254))
    assert blocks[-1].control == Supervisory(ABORT, False)
    host.say(Supervisory(ABORT, True))
    assert host.reader.commands == []


def test_power_lost_under_a_command_leaves_the_line_mute_and_a_new_host_is_served() -> None:
    host = Host(FakeReader(lambda _lad, _apdu: (b"\x90\x00", 500)))
    host.command(b"\x80\x24\x00\x00")
    host.reader.power_off()
    assert host.link.tick() == b""
    assert host.link.wake_at is None
    host.reader.on = True
    (block,) = host.say(Supervisory(RESYNCH, False))
    assert block.control == Supervisory(RESYNCH, True)


def test_a_command_to_a_reader_that_is_off_is_not_answered() -> None:
    host = Host(FakeReader())
    host.reader.power_off()
    assert host.say(Information(0, False), b"\x80\x10\x00\x00") == []
    assert host.link.wake_at is None


def test_hanging_up_ends_the_session() -> None:
    host = Host(FakeReader(lambda _lad, _apdu: (b"\x90\x00", 500)))
    host.command(b"\x80\x24\x00\x00")
    host.link.hang_up()
    assert host.port.log[-1] == "reset"
    assert host.link.wake_at is None


def test_the_rest_of_a_message_is_no_message_for_a_cable_just_plugged_in() -> None:
    reader = FakeReader()
    link = T1Link(reader.attach("test"), reader.clock)
    rest = Block(0x21, Information(0, False), b"\x80\x10\x00\x00\x00").build(Edc.CRC)
    assert link.receive(rest) == b""
    assert link.receive(Block(0x21, Ready(0, Fault.NONE), b"").build(Edc.CRC)) == b""
    assert link.receive(b"\xff" * 20) == b""
    reader.tick(10_000)
    assert link.tick() == b""
    assert link.receive(Block(0x21, Supervisory(RESYNCH, False), b"").build(Edc.CRC)) != b""
