"""The reader as a CCID device, message by message, on the reader's clock."""

from __future__ import annotations

import pytest

from tests.fake_reader import FakePort, FakeReader
from tests.reader_fw.links.ccid_host import CcidHost, slot_of
from tests.reader_fw.links.link_conformance import LinkConformance
from tla_sim.protocol.card_kind import CardModel
from tla_sim.protocol.ccid import (
    ANSWERS,
    NAK_FRAME,
    Answer,
    CommandStatus,
    FrameCutter,
    IccStatus,
    Kind,
    Request,
    SlotError,
    frame_message,
)
from tla_sim.protocol.errors import NoAnswer
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.log_sv_atr import LOG_SV_ATR
from tla_sim.protocol.t1.actions import LinkSettings
from tla_sim.protocol.t1.block import Block, Edc, Fault, Information, Ready, Supervision, Supervisory
from tla_sim.reader_fw.cards.atr import PS_ATR, VITALE_ATR, Transmission, atr_of, offered_protocols
from tla_sim.reader_fw.links.ccid_link import CcidLink
from tla_sim.reader_fw.links.port import Link, LinkPort, Now
from tla_sim.tools.simulator.ccid_host import SlotLine
from tla_sim.tools.simulator.virtual_cable import VirtualCable, cable_transport

PS, VITALE, LOG_SV, EMPTY = 0, 1, 2, 3
COMMAND = b"\x80\x10\x00\x00\x00"


def make() -> CcidHost:
    reader = FakeReader()
    return CcidHost(CcidLink(reader.attach("cards"), reader.attach("software"), reader.clock), reader)


def slow(ms: int = 10_000) -> CcidHost:
    host = make()
    host.reader.answer = lambda _lad, _apdu: (b"\x90\x00", ms)
    return host


def block(control: Information | Ready | Supervisory, inf: bytes = b"") -> bytes:
    return Block(0, control, inf).build(Edc.LRC)


def command(number: int, apdu: bytes = COMMAND) -> bytes:
    return block(Information(number, False), apdu)


def refused(answer: Answer) -> tuple[IccStatus, int]:
    assert answer.command is CommandStatus.FAILED
    return answer.icc, answer.error


class TestCcidLink(LinkConformance):
    def make(self, port: LinkPort, clock: Now) -> CcidLink:
        assert isinstance(port, FakePort)
        return CcidLink(port, port, clock)

    def exchange(self, link: Link, reader: FakeReader, lad: Lad, apdu: bytes) -> bytes:
        host = CcidHost(link, reader)
        slot = slot_of(lad)
        if offered_protocols(host.power_on(slot))[0] is Transmission.T0:
            return host.transfer(slot, apdu)
        settings = LinkSettings(edc=Edc.LRC, baud=None)
        cable = VirtualCable(SlotLine(host, slot), reader.clock, reader.tick)
        return cable_transport(cable, settings).transmit(apdu)


def test_each_slot_gives_the_answer_to_reset_of_what_is_in_it() -> None:
    host = make()
    assert [host.power_on(slot) for slot in (PS, VITALE, LOG_SV)] == [PS_ATR, VITALE_ATR, LOG_SV_ATR]


@pytest.mark.parametrize("slot", [EMPTY, 4])
def test_the_slots_left_over_are_empty(slot: int) -> None:
    host = make()
    assert host.ask(Kind.GET_SLOT_STATUS, slot).icc is IccStatus.ABSENT
    assert refused(host.ask(Kind.ICC_POWER_ON, slot)) == (IccStatus.ABSENT, SlotError.MUTE)


def test_two_slots_are_all_of_a_two_slot_reader() -> None:
    reader = FakeReader()
    link = CcidLink(reader.attach("a"), reader.attach("b"), reader.clock, (Lad.PS, Lad.LOG_SV))
    host = CcidHost(link, reader)
    assert [host.power_on(slot) for slot in (0, 1)] == [PS_ATR, LOG_SV_ATR]
    assert refused(host.ask(Kind.GET_SLOT_STATUS, 2)) == (IccStatus.ABSENT, SlotError.BAD_SLOT)


def test_status_follows_power_and_presence() -> None:
    host = make()
    assert host.ask(Kind.GET_SLOT_STATUS).icc is IccStatus.INACTIVE
    host.power_on(PS)
    assert host.ask(Kind.GET_SLOT_STATUS).icc is IccStatus.ACTIVE
    assert host.ask(Kind.ICC_POWER_OFF).icc is IccStatus.INACTIVE
    assert host.reader.ports[0].log[-1] == "power off PS"
    del host.reader.insertions[Lad.PS]
    assert host.ask(Kind.GET_SLOT_STATUS).icc is IccStatus.ABSENT


def test_a_t0_command_and_its_response_travel_as_they_are() -> None:
    host = make()
    host.power_on(PS)
    assert host.transfer(PS, b"\x00\xa4\x04\x0c\x02\x3f\x00") == b"\x00\xa4\x04\x0c\x02\x3f\x00\x01\x90\x00"


def test_a_t0_command_without_p3_has_00_there() -> None:
    host = make()
    host.power_on(PS)
    assert host.transfer(PS, b"\x00\xb0\x9c\x00") == b"\x00\xb0\x9c\x00\x00\x01\x90\x00"
    assert host.transfer(PS, b"\x00\xb0\x9c\x00\x00") == b"\x00\xb0\x9c\x00\x00\x01\x90\x00"


@pytest.mark.parametrize("data", [b"\x00", b"\x00\xb0", b"\x00\xb0\x9c"])
def test_a_t0_command_without_a_whole_header_has_a_wrong_length(data: bytes) -> None:
    host = make()
    host.power_on(PS)
    assert refused(host.ask(Kind.XFR_BLOCK, PS, data)) == (IccStatus.ACTIVE, SlotError.BAD_LENGTH)
    assert host.reader.commands == []


def test_a_slow_t0_card_has_the_host_asked_for_time() -> None:
    host = slow()
    host.power_on(PS)
    assert host.transfer(PS, COMMAND) == b"\x90\x00"
    assert 18 <= host.time_asked <= 20


def test_log_sv_speaks_t1_and_asks_for_time_by_itself() -> None:
    host = slow(2_000)
    host.power_on(LOG_SV)
    answer = host.transfer(LOG_SV, command(0))
    waited = 0
    while answer[1] == Supervisory(Supervision.WTX, False).pcb:
        waited += 1
        answer = host.transfer(LOG_SV, block(Supervisory(Supervision.WTX, True), b"\x01"))
    assert answer == command(0, b"\x90\x00")
    assert waited >= 2
    assert host.time_asked == 0


def test_a_t1_card_profile_speaks_t1() -> None:
    host = make()
    atr = host.reader.atrs[Lad.PS] = atr_of(CardModel.CPS3, Transmission.T1)
    assert host.power_on(PS) == atr
    assert host.transfer(PS, command(0)) == command(0, COMMAND + b"\x01\x90\x00")
    assert host.ask(Kind.GET_PARAMETERS).detail == Transmission.T1


def test_the_host_negotiates_its_block_size_and_chains() -> None:
    host = make()
    host.power_on(LOG_SV)
    ifs = Supervisory(Supervision.IFS, False), Supervisory(Supervision.IFS, True)
    assert host.transfer(LOG_SV, block(ifs[0], b"\xfe")) == block(ifs[1], b"\xfe")
    assert host.transfer(LOG_SV, block(Information(0, True), bytes(254))) == block(Ready(1, Fault.NONE))
    answer = host.transfer(LOG_SV, block(Information(1, False), bytes(6)))
    assert answer[1:3] == bytes((Information(0, True).pcb, 254))


def test_a_block_with_a_wrong_checksum_is_asked_for_again() -> None:
    host = make()
    host.power_on(LOG_SV)
    assert host.transfer(LOG_SV, command(0)[:-1] + b"\x00") == block(Ready(0, Fault.EDC))
    assert host.transfer(LOG_SV, command(0)) == command(0, COMMAND + b"\x00\x90\x00")


def test_a_block_that_came_before_is_not_waited_for() -> None:
    host = make()
    host.power_on(LOG_SV)
    host.transfer(LOG_SV, command(0))
    assert refused(host.ask(Kind.XFR_BLOCK, LOG_SV, command(0))) == (IccStatus.ACTIVE, SlotError.MUTE)
    assert host.transfer(LOG_SV, command(1))[3:-3] == COMMAND + b"\x00"


def test_pps_is_echoed_and_parameters_are_kept_until_reset() -> None:
    host = make()
    host.power_on(VITALE)
    assert host.transfer(VITALE, bytes.fromhex("FF1013FC")) == bytes.fromhex("FF1013FC")
    wanted = bytes.fromhex("1300000A00")
    assert host.ask(Kind.SET_PARAMETERS, VITALE, wanted).data == wanted
    assert host.ask(Kind.GET_PARAMETERS, VITALE).data == wanted
    assert host.ask(Kind.RESET_PARAMETERS, VITALE).data == bytes.fromhex("1100000A00")
    assert host.reader.commands == []


@pytest.mark.parametrize("pps", ["FF", "FF10", "FF1013FD", "FF1113FD", "FF1013FC00"])
def test_a_pps_that_the_card_cannot_grant_is_left_unanswered(pps: str) -> None:
    host = make()
    host.power_on(VITALE)
    answer = host.ask(Kind.XFR_BLOCK, VITALE, bytes.fromhex(pps))
    assert refused(answer) == (IccStatus.ACTIVE, SlotError.MUTE)


def test_the_drivers_escapes_are_answered_and_others_refused() -> None:
    host = make()
    assert host.ask(Kind.ESCAPE, data=b"\x02").data.startswith(b"TLA-SIM")
    assert host.ask(Kind.ESCAPE, data=b"\x01\x01\x01").command is CommandStatus.DONE
    for data in (b"", b"\x6a", b"\x01\x01\x02", b"\x01\x01"):
        assert refused(host.ask(Kind.ESCAPE, data=data))[1] == SlotError.NOT_SUPPORTED


def test_card_movements_are_told_before_the_next_answer() -> None:
    host = make()
    host.ask(Kind.GET_SLOT_STATUS)
    host.moved.clear()
    del host.reader.insertions[Lad.PS]
    host.ask(Kind.GET_SLOT_STATUS)
    host.reader.insertions = {Lad.PS: 2}
    assert host.ask(Kind.GET_SLOT_STATUS).icc is IccStatus.ABSENT
    host.reader.tick(1_000)
    assert host.ask(Kind.GET_SLOT_STATUS).icc is IccStatus.INACTIVE
    host.ask(Kind.GET_SLOT_STATUS)
    assert host.moved == [0x02, 0x08, 0x03]


def test_card_movements_are_told_at_once_to_a_host_that_wants_it() -> None:
    host = make()
    host.ask(Kind.ESCAPE, data=b"\x01\x01\x00")
    assert host.link.wake_at is None
    del host.reader.insertions[Lad.VITALE]
    assert host.link.wake_at == host.reader.clock.now_ms
    assert host.link.tick() == b"\x50\x08"
    assert host.link.wake_at is None


def test_a_card_pulled_out_during_a_signature_is_mute_and_absent() -> None:
    host = slow(100)
    host.power_on(PS)
    assert host.begin(Kind.XFR_BLOCK, PS, COMMAND) == []
    del host.reader.insertions[Lad.PS]
    answer = host.wait([])
    assert answer is not None
    assert refused(answer) == (IccStatus.ABSENT, SlotError.MUTE)
    assert host.reader.ports[0].log[-1] == "abort"
    host.reader.insertions[Lad.PS] = 2
    host.reader.tick(999)
    assert refused(host.ask(Kind.XFR_BLOCK, PS, COMMAND)) == (IccStatus.ABSENT, SlotError.MUTE)
    host.reader.tick(1)
    assert refused(host.ask(Kind.XFR_BLOCK, PS, COMMAND)) == (IccStatus.INACTIVE, SlotError.MUTE)
    host.power_on(PS)
    assert host.transfer(PS, COMMAND) == b"\x90\x00"


def test_a_card_changed_between_two_looks_is_without_power() -> None:
    host = make()
    host.power_on(PS)
    host.reader.insertions[Lad.PS] = 2
    assert host.ask(Kind.GET_SLOT_STATUS).icc is IccStatus.INACTIVE


def test_one_slot_at_a_time_is_served() -> None:
    host = slow(100)
    host.power_on(PS)
    host.power_on(VITALE)
    host.begin(Kind.XFR_BLOCK, PS, COMMAND)
    for slot in (PS, VITALE):
        assert refused(host.ask(Kind.XFR_BLOCK, slot, COMMAND)) == (IccStatus.ACTIVE, SlotError.BUSY)
        assert host.ask(Kind.GET_SLOT_STATUS, slot).icc is IccStatus.ACTIVE
    answer = host.wait([])
    assert answer is not None
    assert answer.data == b"\x90\x00"
    assert host.transfer(VITALE, COMMAND) == b"\x90\x00"


@pytest.mark.parametrize("slot", [PS, LOG_SV])
def test_abort_in_mid_transfer_drops_the_command_and_service_goes_on(slot: int) -> None:
    host = slow(60_000)
    host.power_on(slot)
    data = COMMAND if slot == PS else command(0)
    host.begin(Kind.XFR_BLOCK, slot, data)
    answer = host.ask(Kind.ABORT, slot)
    assert (answer.kind, answer.command, answer.icc) == (
        Kind.SLOT_STATUS,
        CommandStatus.DONE,
        IccStatus.ACTIVE,
    )
    assert "abort" in host.reader.ports[0 if slot == PS else 1].log
    assert host.link.wake_at is None
    host.reader.answer = lambda _lad, _apdu: (b"\x90\x00", 0)
    done = b"\x90\x00" if slot == PS else command(0, b"\x90\x00")
    assert host.transfer(slot, data) == done


def test_abort_with_nothing_under_way_is_a_status_request() -> None:
    assert make().ask(Kind.ABORT, PS).command is CommandStatus.DONE


@pytest.mark.parametrize("slot", [5, 17, 255])
@pytest.mark.parametrize("kind", sorted(ANSWERS))
def test_a_slot_that_is_not_there_is_said_so(kind: Kind, slot: int) -> None:
    answer = make().ask(kind, slot)
    assert answer.kind == ANSWERS[kind]
    assert refused(answer) == (IccStatus.ABSENT, SlotError.BAD_SLOT)


@pytest.mark.parametrize("kind", [0x00, 0x60, 0x64, 0x70, 0x80, 0xFF])
def test_an_unknown_message_type_is_not_supported(kind: int) -> None:
    answer = make().ask(kind)
    assert answer.kind == Kind.SLOT_STATUS
    assert refused(answer) == (IccStatus.INACTIVE, SlotError.NOT_SUPPORTED)


@pytest.mark.parametrize(
    "kind", [Kind.SECURE, Kind.T0_APDU, Kind.MECHANICAL, Kind.SET_DATA_RATE_AND_CLOCK_FREQUENCY]
)
def test_what_this_reader_cannot_do_is_not_supported(kind: Kind) -> None:
    answer = make().ask(kind)
    assert answer.kind == ANSWERS[kind]
    assert refused(answer) == (IccStatus.INACTIVE, SlotError.NOT_SUPPORTED)


@pytest.mark.parametrize(
    ("kind", "data", "first", "second", "error"),
    [
        (Kind.ICC_POWER_ON, b"", 4, 0, SlotError.BAD_FIRST),
        (Kind.ICC_CLOCK, b"", 2, 0, SlotError.BAD_FIRST),
        (Kind.XFR_BLOCK, b"", 0, 0, SlotError.BAD_LENGTH),
        (Kind.XFR_BLOCK, COMMAND, 0, 1, SlotError.BAD_SECOND),
        (Kind.SET_PARAMETERS, bytes(5), 1, 0, SlotError.BAD_FIRST),
        (Kind.SET_PARAMETERS, bytes(4), 0, 0, SlotError.BAD_LENGTH),
    ],
)
def test_a_wrong_field_is_named_by_its_offset(
    kind: Kind, data: bytes, first: int, second: int, error: SlotError
) -> None:
    host = make()
    host.power_on(PS)
    answer = host.ask(kind, PS, data, first, second)
    assert refused(answer) == (IccStatus.ACTIVE, error)
    assert host.transfer(PS, COMMAND)[-2:] == b"\x90\x00"


@pytest.mark.parametrize("kind", [Kind.XFR_BLOCK, Kind.GET_PARAMETERS, Kind.SET_PARAMETERS])
def test_an_empty_slot_and_a_card_without_power_are_mute(kind: Kind) -> None:
    host = make()
    assert refused(host.ask(kind, PS, COMMAND)) == (IccStatus.INACTIVE, SlotError.MUTE)
    assert refused(host.ask(kind, EMPTY, COMMAND)) == (IccStatus.ABSENT, SlotError.MUTE)


def test_a_wrong_lrc_gets_a_nak_and_the_repetition_its_answer() -> None:
    host = make()
    frame = bytearray(frame_message(Request(Kind.GET_SLOT_STATUS, 0, 0).build()))
    frame[-1] ^= 0x55
    assert host.link.receive(bytes(frame)) == NAK_FRAME
    assert host.ask(Kind.GET_SLOT_STATUS).icc is IccStatus.INACTIVE


def test_a_truncated_frame_gets_a_nak_once_the_line_is_silent() -> None:
    host = make()
    assert host.link.receive(frame_message(Request(Kind.GET_SLOT_STATUS, 0, 0).build())[:-4]) == b""
    assert host.link.wake_at == host.reader.clock.now_ms + 200
    host.reader.tick(200)
    assert host.link.tick() == NAK_FRAME
    assert host.link.wake_at is None


def test_an_oversized_message_has_a_wrong_length() -> None:
    host = make()
    host.ask(Kind.GET_SLOT_STATUS)
    header = bytes((Kind.XFR_BLOCK,)) + (5_000).to_bytes(4, "little") + bytes((0, 9, 0, 0, 0))
    said = host.link.receive(b"\x03\x06" + header + bytes(5_001))
    (answer,) = FrameCutter(reader=False).feed(said)
    assert isinstance(answer, bytes)
    assert refused(Answer.parse(answer))[1] == SlotError.BAD_LENGTH
    assert Answer.parse(answer).sequence == 9
    host.power_on(PS)


def test_a_nak_of_the_host_has_the_last_answer_repeated() -> None:
    host = make()
    host.power_on(PS)
    first = host.link.receive(frame_message(Request(Kind.XFR_BLOCK, PS, 1, COMMAND).build()))
    assert host.link.receive(NAK_FRAME) == first
    assert len(host.reader.commands) == 1


def test_a_response_too_long_for_a_message_is_an_overrun() -> None:
    host = make()
    host.reader.answer = lambda _lad, _apdu: (bytes(262), 0)
    host.power_on(PS)
    assert refused(host.ask(Kind.XFR_BLOCK, PS, COMMAND)) == (IccStatus.ACTIVE, SlotError.OVERRUN)


def test_hanging_up_takes_the_cards_power() -> None:
    host = make()
    host.power_on(PS)
    host.power_on(LOG_SV)
    host.link.hang_up()
    cards, software = host.reader.ports
    assert "power off PS" in cards.log
    assert software.log[-1] == "reset"
    assert host.ask(Kind.GET_SLOT_STATUS).icc is IccStatus.INACTIVE


def test_a_reader_without_power_has_mute_slots() -> None:
    host = make()
    host.power_on(PS)
    host.reader.power_off()
    assert refused(host.ask(Kind.XFR_BLOCK, PS, COMMAND)) == (IccStatus.ABSENT, SlotError.MUTE)


@pytest.mark.parametrize("slot", [PS, VITALE, LOG_SV])
@pytest.mark.parametrize("cut", ["power", "cable"])
def test_a_command_under_way_is_refused_at_once_when_the_reader_goes(slot: int, cut: str) -> None:
    host = slow()
    link = host.link
    assert isinstance(link, CcidLink)
    host.power_on(slot)
    host.begin(Kind.XFR_BLOCK, slot, command(0) if slot == LOG_SV else COMMAND)
    before = host.reader.clock.now_ms
    if cut == "power":
        host.reader.power_off()
        link.lose_power()
    else:
        link.unplug()
    answer = host.wait([])
    assert answer is not None
    assert refused(answer) == (IccStatus.ABSENT, SlotError.MUTE)
    assert host.reader.clock.now_ms == before
    assert link.wake_at is None


def test_a_cable_put_back_shows_the_cards_without_power_and_ends_the_sessions() -> None:
    host = make()
    link = host.link
    assert isinstance(link, CcidLink)
    host.power_on(PS)
    host.moved.clear()
    link.unplug()
    assert host.ask(Kind.GET_SLOT_STATUS).icc is IccStatus.ABSENT
    assert refused(host.ask(Kind.ICC_POWER_ON, LOG_SV)) == (IccStatus.ABSENT, SlotError.MUTE)
    link.plug(host.reader.attach("cards"), host.reader.attach("software"))
    assert host.ask(Kind.GET_SLOT_STATUS).icc is IccStatus.ABSENT, "or pcscd would not see the card come back"
    host.reader.tick(1_000)
    assert host.ask(Kind.GET_SLOT_STATUS).icc is IccStatus.INACTIVE
    assert host.moved == [0b10_10_10, 0b11_11_11]
    assert host.power_on(PS) == PS_ATR
    assert host.transfer(PS, COMMAND)[-2:] == b"\x90\x00"


def test_a_card_of_a_two_slot_reader_is_powered_again_by_the_host_that_never_looks() -> None:
    reader = FakeReader()
    link = CcidLink(reader.attach("a"), reader.attach("b"), reader.clock, (Lad.PS, Lad.LOG_SV))
    host = CcidHost(link, reader)
    host.power_on(PS)
    link.lose_power()
    assert refused(host.ask(Kind.XFR_BLOCK, PS, COMMAND)) == (IccStatus.INACTIVE, SlotError.MUTE)
    reader.on = False
    assert refused(host.ask(Kind.XFR_BLOCK, PS, COMMAND)) == (IccStatus.INACTIVE, SlotError.MUTE)
    reader.on = True
    assert host.ask(Kind.SET_PARAMETERS, PS, bytes.fromhex("1100000A00")).icc is IccStatus.ACTIVE
    assert host.transfer(PS, COMMAND)[-2:] == b"\x90\x00"
    del reader.insertions[Lad.PS]
    assert refused(host.ask(Kind.SET_PARAMETERS, PS, bytes(5))) == (IccStatus.INACTIVE, SlotError.MUTE)


def test_of_requests_that_come_together_the_host_waits_for_the_last() -> None:
    host = make()
    requests = (Request(Kind.GET_SLOT_STATUS, slot, 7 + slot) for slot in range(3))
    out = host.link.receive(b"".join(frame_message(request.build()) for request in requests))
    answers = [item for item in FrameCutter(reader=False).feed(out) if isinstance(item, bytes)]
    assert [Answer.parse(answer).sequence for answer in answers] == [9]


def test_a_host_that_is_told_movements_at_once_is_told_that_a_card_is_back_when_it_is_shown() -> None:
    host = slow()
    host.power_on(PS)
    host.ask(Kind.ESCAPE, data=bytes.fromhex("010100"))
    host.moved.clear()
    start = host.reader.clock.now_ms
    host.begin(Kind.XFR_BLOCK, PS, COMMAND)
    del host.reader.insertions[Lad.PS]
    answer = host.wait([])
    assert answer is not None
    assert refused(answer) == (IccStatus.ABSENT, SlotError.MUTE)
    host.reader.insertions[Lad.PS] = 2
    with pytest.raises(NoAnswer):
        host.wait([])
    assert host.moved == [0b10, 0b11]
    assert host.reader.clock.now_ms - start == 1_000
