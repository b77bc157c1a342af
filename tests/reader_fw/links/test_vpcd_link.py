"""The reader's slots as cards of vsmartcard's vpcd, message by message."""

from __future__ import annotations

import pytest

from tests.fake_reader import FakePort, FakeReader
from tests.reader_fw.links.link_conformance import LinkConformance
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.log_sv_atr import LOG_SV_ATR
from tla_sim.reader_fw.cards.atr import PS_ATR
from tla_sim.reader_fw.links.port import Link, LinkPort, Now
from tla_sim.reader_fw.links.vpcd_link import VpcdLink

POWER_OFF, POWER_ON, RESET, GET_ATR = (b"\x00\x01" + bytes((code,)) for code in (0, 1, 2, 4))
COMMAND = b"\x80\x10\x00\x00"


def message(data: bytes) -> bytes:
    return len(data).to_bytes(2, "big") + data


def finish(link: Link, reader: FakeReader, said: bytes) -> bytes:
    """The first message said, the reader's clock moving as needed."""
    while len(said) < 2 or len(said) - 2 < int.from_bytes(said[:2], "big"):
        assert link.wake_at is not None, "no answer, and none to come"
        reader.tick(max(0, link.wake_at - reader.clock.now_ms))
        said += link.tick()
    return said[2 : 2 + int.from_bytes(said[:2], "big")]


class EverySlot:
    """The three links of a reader on one port, each spoken to in its turn."""

    def __init__(self, port: FakePort, clock: Now) -> None:
        self.links = {lad: VpcdLink(port, clock, lad) for lad in Lad}
        self.turn = Lad.LOG_SV

    def receive(self, data: bytes) -> bytes:
        return self.links[self.turn].receive(data)

    def tick(self) -> bytes:
        return b"".join(link.tick() for link in self.links.values())

    @property
    def wake_at(self) -> int | None:
        return min((link.wake_at for link in self.links.values() if link.wake_at is not None), default=None)

    def hang_up(self) -> None:
        for link in self.links.values():
            link.hang_up()


class TestVpcdLink(LinkConformance):
    def make(self, port: LinkPort, clock: Now) -> EverySlot:
        assert isinstance(port, FakePort)
        return EverySlot(port, clock)

    def exchange(self, link: Link, reader: FakeReader, lad: Lad, apdu: bytes) -> bytes:
        assert isinstance(link, EverySlot)
        link.hang_up()
        link.turn = lad
        return finish(link, reader, link.receive(message(apdu)))


def make(lad: Lad = Lad.PS) -> tuple[FakeReader, FakePort, VpcdLink]:
    reader = FakeReader()
    port = reader.attach("vpcd")
    return reader, port, VpcdLink(port, reader.clock, lad)


def test_the_driver_asks_for_the_answer_to_reset_to_see_whether_the_card_is_there() -> None:
    _, port, link = make()
    assert [link.receive(GET_ATR) for _ in range(3)] == [message(PS_ATR)] * 3
    assert port.log == ["power on PS"]


def test_log_sv_has_an_answer_to_reset_of_its_own() -> None:
    assert make(Lad.LOG_SV)[2].receive(GET_ATR) == message(LOG_SV_ATR)


def test_power_commands_are_carried_out_and_not_answered() -> None:
    _, port, link = make()
    assert link.receive(POWER_ON + RESET + POWER_OFF) == b""
    assert port.log == ["power on PS", "power on PS", "power off PS"]
    assert link.receive(GET_ATR) == message(PS_ATR)


def test_messages_are_cut_however_the_bytes_arrive() -> None:
    _, _, link = make()
    raw = GET_ATR + message(COMMAND)
    said = b"".join(link.receive(raw[at : at + 1]) for at in range(len(raw)))
    assert said == message(PS_ATR) + message(COMMAND + b"\x01\x90\x00")


def test_a_command_waits_for_the_one_of_another_slot() -> None:
    reader = FakeReader(lambda lad, _apdu: (bytes((lad, 0x90, 0x00)), 100))
    port = reader.attach("vpcd")
    ps, vitale = VpcdLink(port, reader.clock, Lad.PS), VpcdLink(port, reader.clock, Lad.VITALE)
    assert ps.receive(message(COMMAND)) == b""
    assert vitale.receive(message(COMMAND)) == b""
    reader.tick(100)
    assert vitale.tick() == b""
    assert ps.tick() == message(b"\x01\x90\x00")
    assert vitale.wake_at is not None
    assert finish(vitale, reader, vitale.tick()) == b"\x02\x90\x00"


def test_a_slot_that_hangs_up_leaves_the_command_of_another_one_alone() -> None:
    reader = FakeReader(lambda lad, _apdu: (bytes((lad, 0x90, 0x00)), 100))
    port = reader.attach("vpcd")
    ps, vitale = VpcdLink(port, reader.clock, Lad.PS), VpcdLink(port, reader.clock, Lad.VITALE)
    vitale.receive(GET_ATR)
    ps.receive(message(COMMAND))
    vitale.hang_up()
    assert finish(ps, reader, b"") == b"\x01\x90\x00"


def test_a_new_card_is_powered_before_it_says_its_answer_to_reset() -> None:
    reader, port, link = make()
    link.receive(GET_ATR)
    reader.insertions[Lad.PS] = 2
    assert link.receive(GET_ATR) == message(PS_ATR)
    assert port.log == ["power on PS", "power on PS"]
    del reader.insertions[Lad.PS]
    assert link.receive(GET_ATR) == message(b"")


def test_an_empty_message_is_passed_over() -> None:
    _, port, link = make()
    assert link.receive(b"\x00\x00") == b""
    assert port.log == []
    assert link.receive(GET_ATR) == message(PS_ATR)


@pytest.mark.parametrize("byte", [0x03, 0x07, 0xA0, 0xFF])
def test_one_byte_that_is_no_command_of_the_driver_is_an_apdu(byte: int) -> None:
    _, _, link = make()
    assert link.receive(message(bytes((byte,)))) == message(bytes((byte, 0x01, 0x90, 0x00)))


@pytest.mark.parametrize("sent", [POWER_OFF, POWER_ON, RESET])
def test_a_driver_that_falls_silent_after_a_power_command_meant_an_apdu(sent: bytes) -> None:
    reader, _, link = make()
    start = reader.clock.now_ms
    link.receive(GET_ATR)
    link.receive(sent)
    while link.wake_at is not None:
        reader.tick(link.wake_at - reader.clock.now_ms)
        assert link.tick() == b""
    assert link.stuck
    assert 1_000 < reader.clock.now_ms - start < 3_000
    link.hang_up()
    assert not link.stuck
    assert link.receive(GET_ATR) == message(PS_ATR)


def test_a_driver_that_looks_at_the_card_is_not_stuck_however_long_this_side_paused() -> None:
    reader, _, link = make()
    link.receive(POWER_OFF)
    reader.tick(60_000)
    link.tick()
    assert not link.stuck
    assert link.receive(GET_ATR) == message(PS_ATR)
    assert link.wake_at is None
    reader.tick(60_000)
    link.tick()
    assert not link.stuck


def test_a_reader_without_power_says_nothing_of_its_card() -> None:
    reader, _, link = make()
    reader.power_off()
    assert link.receive(message(COMMAND)) == message(b"")
    assert link.receive(GET_ATR) == message(b"")
