"""Messages to the cards and to the reader's software, as a program sends them in `Echange`."""

from __future__ import annotations

import pytest

import tla_sim
from tests.galss_kit import POWER_OFF, POWER_ON, PRESENCE, TAKE_OUT, Program, serve_galss
from tla_sim.host.ssv.server.galss.desk import GalssDesk
from tla_sim.protocol.apdu import CommandApdu
from tla_sim.protocol.commands.declaration import CLA
from tla_sim.protocol.commands.instructions import Ins
from tla_sim.protocol.log_sv_atr import LOG_SV_ATR
from tla_sim.reader_fw.cards.atr import PS_ATR, VITALE_ATR
from tla_sim.tools.cast.people import CODE

VERIFY = "0020000108" + CODE.encode().hex() + "FF" * 4
VERIFIED = "0020000100"


def test_a_card_is_off_then_on_with_its_answer_to_reset_over_every_link(
    reader: tla_sim.SimulatedReader, link: str
) -> None:
    program = Program(serve_galss(lambda: reader.transport(link)))
    for resource, atr in (("CPS", PS_ATR), ("Vitale", VITALE_ATR)):
        session = program.session(resource)
        before = session.order(PRESENCE)
        assert before[:2] == b"\x00\x01"
        on = session.order(POWER_ON)
        assert on[:2] == b"\x00\x03"
        assert on[2] == before[2] + 1
        assert on[3:] == atr
        assert session.order(PRESENCE) == on[:3]
        off = session.order(POWER_OFF)
        assert off == bytes((0, 1, on[2] + 1))
        assert session.order(PRESENCE) == off


def test_a_file_of_the_cps_is_selected_by_path_and_read_over_every_link(
    reader: tla_sim.SimulatedReader, link: str
) -> None:
    session = Program(serve_galss(lambda: reader.transport(link))).session()
    session.order(PRESENCE)
    session.order(POWER_ON)
    selected = session.send("00A40904043F00D003")
    assert selected[0] == 0x61
    described = session.fetch(f"00C00000{selected[1]:02X}")
    assert described[0] == 0x62
    assert described[-2:] == b"\x90\x00"
    assert session.fetch("00B0000000") == b"\x6c\x0c"
    serial = session.fetch("00B000000C")
    assert serial[:2] == b"\x5a\x0a"
    assert serial[-2:] == b"\x90\x00"
    assert session.send(VERIFY) == b"\x90\x00"
    assert session.send(VERIFIED) == b"\x90\x00"


def test_an_empty_slot_is_absent_to_every_order(reader: tla_sim.SimulatedReader, link: str) -> None:
    reader.remove_cards()
    session = Program(serve_galss(lambda: reader.transport(link))).session("Vitale")
    assert session.order(PRESENCE) == b"\x00\x00\x00"
    assert session.order(POWER_ON)[:2] == b"\x17\x00"
    assert session.order(POWER_OFF)[:2] == b"\x00\x00"
    assert session.instruct(bytes.fromhex("00B0820000"), outgoing=True)[:2] == b"\x17\x00"


def test_a_card_that_is_put_in_is_noticed_over_every_link(reader: tla_sim.SimulatedReader, link: str) -> None:
    reader.remove_cards()
    session = Program(serve_galss(lambda: reader.transport(link))).session()
    empty = session.order(PRESENCE)
    reader.insert_ps("PIQURE2969")
    found = session.order(PRESENCE)
    assert found == bytes((0, 1, empty[2] + 1))
    assert session.order(POWER_ON)[3:] == PS_ATR
    reader.remove_cards()
    assert session.instruct(bytes.fromhex("00B09C0000"), outgoing=True)[:2] == b"\x17\x00"
    assert session.order(PRESENCE)[:2] == b"\x00\x00"


def test_a_card_swapped_unseen_has_another_counter_and_gets_nothing(
    reader: tla_sim.SimulatedReader, program: Program
) -> None:
    session = program.session()
    session.order(POWER_ON)
    assert session.send(VERIFY) == b"\x90\x00"
    old = session.counter
    reader.insert_ps("TOUBIB")
    answer = session.instruct(bytes.fromhex(VERIFIED))
    assert answer[:2] == b"\x16\x01"
    assert answer[2] != old
    assert session.instruct(bytes.fromhex(VERIFIED)) == b"\x03" + answer[1:]


def test_a_card_that_the_reader_used_itself_must_be_powered_again(
    reader: tla_sim.SimulatedReader, program: Program
) -> None:
    session = program.session()
    session.order(POWER_ON)
    assert session.send(VERIFY) == b"\x90\x00"
    reader.client().read_ps_card()
    answer = session.instruct(bytes.fromhex(VERIFIED))
    assert answer[:2] == b"\x16\x01"
    assert session.order(POWER_ON)[1] == 3
    assert session.send(VERIFIED)[0] == 0x63


def test_a_cold_card_refuses_and_power_on_forgets_the_code(program: Program) -> None:
    session = program.session()
    session.order(PRESENCE)
    assert session.instruct(bytes.fromhex(VERIFIED))[:2] == b"\x03\x01"
    session.order(POWER_ON)
    assert session.send(VERIFY) == b"\x90\x00"
    session.order(POWER_ON)
    assert session.send(VERIFIED)[0] == 0x63


def test_a_card_to_be_taken_out_is_still_present(reader: tla_sim.SimulatedReader, program: Program) -> None:
    session = program.session()
    session.order(POWER_ON)
    assert session.order(TAKE_OUT)[:2] == b"\x12\x01"
    reader.remove_cards()
    assert session.order(TAKE_OUT)[:2] == b"\x00\x00"


def test_a_restarted_reader_is_told_once_and_the_card_is_off(
    reader: tla_sim.SimulatedReader, program: Program
) -> None:
    session = program.session()
    session.order(POWER_ON)
    reader.power_off()
    assert session.exchange(b"\x00\x01\x16").code in (0x0040, 0x0200)
    reader.power_on()
    assert session.instruct(bytes.fromhex(VERIFIED)) == b"\x04"
    assert session.instruct(bytes.fromhex(VERIFIED))[:2] == b"\x16\x01"


@pytest.mark.parametrize(
    ("message", "result"),
    [
        ("000199", "02"),
        ("000102", "02"),
        ("FF010A30", "02"),
        ("010116", "01"),
        ("000216", "01"),
        ("00011600", "13"),
        ("00011400", "13"),
        ("000115", "13"),
        ("00011502", "13"),
        ("00010001", "13"),
        ("00010001B0", "13"),
        ("0001000100A4040002", "13"),
        ("0001010100B0000002AAAA", "13"),
        ("00010001FE14000000", "13"),
    ],
)
def test_what_is_no_order_has_its_result_and_changes_nothing(
    program: Program, message: str, result: str
) -> None:
    session = program.session()
    on = session.order(POWER_ON)
    told = session.exchange(bytes.fromhex(message))
    assert told.code == 0
    assert told.outputs["answer"][:1].hex() == result
    assert session.order(PRESENCE) == on[:3]


@pytest.mark.parametrize("message", [b"", b"\0", b"\0\1"])
def test_less_than_a_message_is_a_wrong_parameter(program: Program, message: bytes) -> None:
    assert program.session().exchange(message).code == 0x4000


def test_log_sv_takes_its_own_commands_whole(program: Program) -> None:
    session = program.session("Log_SV")
    assert session.order(PRESENCE) == b"\x00\x03\x00"
    assert session.order(POWER_ON) == b"\x00\x03\x00" + LOG_SV_ATR
    assert session.order(POWER_OFF) == b"\x00\x03\x00"
    clock = session.instruct(CommandApdu(CLA, Ins.READ_CLOCK, ne=65_536).build(), outgoing=True)
    assert clock[:3] == b"\x00\x03\x00"
    assert clock[-2:] == b"\x90\x00"
    assert len(clock) == 3 + 8 + 2
    assert session.order(b"\x01\x01" + b"\x80\x14\0\0\0")[0] == 0x16
    assert session.order(b"\x01\x00\x80")[0] == 0x13


def test_a_mute_card_is_mute() -> None:
    with tla_sim.SimulatedReader.in_memory(seed=1, faults="ps.mute@2") as muted:
        muted.insert_ps("PIQURE2969")
        session = Program(serve_galss(muted.transport)).session()
        session.order(POWER_ON)
        session.send(VERIFIED)
        session.send(VERIFIED)
        assert session.instruct(bytes.fromhex(VERIFIED))[0] == 0x11


def test_an_answer_after_its_time_is_0100(reader: tla_sim.SimulatedReader) -> None:
    moments = iter(range(0, 1000, 8))
    program = Program(serve_galss(reader.transport, now=lambda: float(next(moments))))
    session = program.session()
    assert session.exchange(b"\x00\x01\x16", most_seconds=7).code == 0x0100
    assert session.exchange(b"\x00\x01\x16", most_seconds=8).code == 0
    assert session.exchange(b"\x00\x01\x16").code == 0


def test_a_reader_that_is_held_is_0004(reader: tla_sim.SimulatedReader, desk: GalssDesk) -> None:
    reader.client().verify_code(CODE)
    session = Program(desk).session()
    assert session.exchange(b"\x00\x01\x16").code == 0x0004
