"""Programs at one server's GALSS: names, codes, what keeps them apart, and what is told about the reader."""

from __future__ import annotations

from pathlib import Path

import pytest

import tla_sim
from tests.galss_kit import PRESENCE, Program, serve_galss
from tla_sim.host.ssv import galss_functions as galss
from tla_sim.host.ssv.failure import CallRefused
from tla_sim.host.ssv.server.galss.desk import GalssDesk
from tla_sim.host.ssv.server.reader_held import ReaderHeld
from tla_sim.host.ssv.server.reader_place import AtUrl, InGalssFile
from tla_sim.host.transport.galss.sample import sample
from tla_sim.host.transport.in_process import InProcessTransport
from tla_sim.protocol.errors import (
    ConnectionLost,
    ExchangeAbandoned,
    IncoherentAnswer,
    LinkError,
    LinkProtocolError,
    NoAnswer,
    PortUnavailable,
)
from tla_sim.protocol.lad import Lad


@pytest.mark.parametrize(
    ("name", "lad"), [("CPS", 1), ("cps", 1), ("TRANSPA1", 1), ("Log_SV", 0), ("Vitale", 2), ("transpa2", 2)]
)
def test_a_session_says_where_its_resource_is(program: Program, name: str, lad: int) -> None:
    told = program.open(name)
    assert told.code == 0
    assert told.outputs["lad"] == lad
    assert told.outputs["session"]


@pytest.mark.parametrize(
    ("application", "resource", "code"),
    [
        ("TEST", "CPS2", 0x2000),
        ("TEST", "", 0x2000),
        ("TEST", "CPSCPSCPS", 0x8011),
        ("A" * 17, "CPS", 0x4000),
        ("", "CPS", 0x4000),
        ("A\0", "CPS", 0x4000),
        ("TEST", "CPS\0", 0x8011),
        ("TEST", b"\xff", 0x8011),
    ],
)
def test_names_that_cannot_be_are_refused(
    program: Program, application: str, resource: str, code: int
) -> None:
    assert program.open(resource, application).code == code


def test_an_application_that_has_the_resource_open_takes_the_next_name(desk: GalssDesk) -> None:
    first, second = Program(desk), Program(desk)
    assert first.open("CPS", "OPENSC_001").code == 0
    assert second.open("TRANSPA1", "OPENSC_001").code == 0x0800
    assert second.open("Vitale", "OPENSC_001").code == 0
    assert second.open("CPS", "OPENSC_002").code == 0
    first.leave()
    assert second.open("CPS", "OPENSC_001").code == 0


def test_a_session_of_another_program_does_not_exist(desk: GalssDesk) -> None:
    first, second = Program(desk), Program(desk)
    session = first.session()
    assert (
        second.call(galss.ECHANGE, session=session.number, most_seconds=0, message=b"\0\1\x16").code == 0x1000
    )
    assert second.call(galss.FERMER_SESSION, session=session.number).code == 0x1000
    assert second.call(galss.LIT_CONTEXTE, place=2, session=session.number).code == 0x1000
    assert second.begin(f"{session.number}:3").code == 0x1000
    assert session.order(PRESENCE)[0] == 0


def test_an_exclusivity_keeps_others_from_the_card_until_it_ends(desk: GalssDesk) -> None:
    first, second = Program(desk), Program(desk)
    ours, theirs = first.session("CPS", "OPENSC_001"), second.session("CPS", "OPENSC_002")
    begun = first.begin(f"{ours.number}:3")
    assert begun.code == 0
    assert second.begin(f"{theirs.number}:3") == (
        0x0004,
        {"holder": b"OPENSC_001", "held": b"CPS", "exclusivity": 0},
    )
    assert theirs.exchange(b"\0\1\x16").code == 0x0004
    assert second.session("Vitale").order(PRESENCE)[0] == 0
    assert first.begin(f"{ours.number}:3").code == 0x0008
    assert second.end(begun.outputs["exclusivity"]) == 0x1000
    assert first.end(begun.outputs["exclusivity"]) == 0
    assert theirs.order(PRESENCE)[0] == 0
    assert second.begin(f"{theirs.number}:3").code == 0


@pytest.mark.parametrize("level", [1, 2])
def test_a_reader_held_as_a_whole_keeps_others_from_every_card(desk: GalssDesk, level: int) -> None:
    first, second = Program(desk), Program(desk)
    ours, theirs = first.session("CPS", "A"), second.session("Vitale", "B")
    own = first.session("Log_SV", "A")
    assert first.begin(f"{ours.number}:{level}").code == 0
    assert theirs.exchange(b"\0\2\x16").code == 0x0004
    assert own.order(PRESENCE) == b"\0\3\0"
    assert ours.close().code == 0
    assert theirs.order(PRESENCE)[0] == 0


def test_what_a_program_held_is_free_when_it_is_gone(desk: GalssDesk) -> None:
    first, second = Program(desk), Program(desk)
    ours, theirs = first.session("CPS", "A"), second.session("CPS", "B")
    assert first.begin(f"{ours.number}:1").code == 0
    first.leave()
    assert second.begin(f"{theirs.number}:1").code == 0


def test_closing_a_session_tells_the_exclusivity_that_ended(program: Program) -> None:
    session = program.session()
    assert session.close() == (0, {"exclusivity": 0})
    session = program.session()
    number = program.begin(f"{session.number}:3").outputs["exclusivity"]
    assert session.close() == (0, {"exclusivity": number})
    assert session.close().code == 0x1000


def test_a_context_of_a_resource_is_for_every_program_and_stays(desk: GalssDesk) -> None:
    first, second = Program(desk), Program(desk)
    context = bytes(range(256)) * 4 + bytes(52)
    ours, theirs = first.session("CPS", "A"), second.session("CPS", "B")
    for place, told in ((1, (0x0020, {})), (2, (0, {"context": context}))):
        values = {"place": place, "session": ours.number}
        assert first.call(galss.LIT_CONTEXTE, **values).code == 0x0020
        assert first.call(galss.ECRIT_CONTEXTE, **values, context=context).code == 0
        assert first.call(galss.LIT_CONTEXTE, **values) == (0, {"context": context})
        assert first.call(galss.ECRIT_CONTEXTE, **values, context=context + b"\0").code == 0x0010
        assert second.call(galss.LIT_CONTEXTE, place=place, session=theirs.number) == told
    first.leave()
    assert second.call(galss.LIT_CONTEXTE, place=2, session=theirs.number) == (0, {"context": context})


def test_a_program_of_ssv_waits_outside_while_anything_is_held(reader: tla_sim.SimulatedReader) -> None:
    held = ReaderHeld(AtUrl("memory:"), lambda _url: reader.transport())
    desk = GalssDesk(held)
    first, second = Program(desk), Program(desk)
    ssv = object()
    numbers = [
        program.begin(f"{program.session(name, 'A').number}:3").outputs["exclusivity"]
        for program, name in ((first, "CPS"), (second, "Vitale"))
    ]
    with pytest.raises(CallRefused) as caught, held.turn(ssv):
        pass
    assert caught.value.ssv == 0x0004
    assert first.end(numbers[0]) == 0
    with pytest.raises(CallRefused), held.turn(ssv):
        pass
    second.leave()
    with held.turn(ssv):
        pass


def test_the_reader_stays_open_while_a_session_is(reader: tla_sim.SimulatedReader) -> None:
    moments = iter(range(0, 1000, 10))
    held = ReaderHeld(AtUrl("memory:"), lambda _url: reader.transport(), lambda: float(next(moments)))
    program = Program(GalssDesk(held))
    sessions = [program.session("CPS", name) for name in "ABC"]
    sessions[0].close()
    held.close_when_idle()
    assert held.is_open
    sessions[1].close()
    held.close_when_idle()
    assert held.is_open
    program.leave()
    held.close_when_idle()
    assert not held.is_open


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NoAnswer, 0x0400),
        (LinkProtocolError, 0x0200),
        (ExchangeAbandoned, 0x0040),
        (PortUnavailable, 0x800C),
        (ConnectionLost, 0x0200),
        (IncoherentAnswer, 0x0200),
    ],
)
def test_a_line_that_fails_has_a_code_of_the_galss(error: type[LinkError], code: int) -> None:
    def fail(_lad: Lad, _apdu: bytes) -> bytes:
        raise error("it failed", "try again")

    session = Program(serve_galss(lambda: InProcessTransport(fail))).session()
    assert session.exchange(b"\0\1\x16").code == code


def test_a_port_that_is_not_there_opens_no_session() -> None:
    def fail() -> InProcessTransport:
        raise PortUnavailable("it is not there", "plug it in")

    program = Program(serve_galss(fail))
    assert program.open("CPS").code == 0x800C
    assert program.open("CPS").code == 0x800C


def test_resources_and_names_are_those_of_galss_ini(reader: tla_sim.SimulatedReader, tmp_path: Path) -> None:
    text, ports = sample("/dev/ttyUSB7", 9600)
    file = tmp_path / "galss.ini"
    file.write_text(text.replace("NomLAD=CPS", "NomLAD=CPSLECT"))
    (tmp_path / "io_comm.ini").write_text(ports)
    program = Program(serve_galss(reader.transport, InGalssFile(file)))
    assert program.call(galss.DONNE_NOMBRE_RESSOURCES) == (0, {"count": 5})
    table = program.call(galss.DONNE_TABLE_RESSOURCES).outputs["resources"]
    assert len(table) == 5 * 26
    assert table.startswith(b"CPSLECT\0\0CPSLECT\0\0\1\2\1\1\0\1\0\0")
    assert program.open("CPS").code == 0x2000
    assert program.open("CPSLECT").outputs["lad"] == 1
    file.write_text(text.replace("NbCanaux=1", "NbCanaux=0"))
    assert program.call(galss.DONNE_NOMBRE_RESSOURCES).code == 0x8003
    file.unlink()
    assert program.call(galss.DONNE_TABLE_RESSOURCES).code == 0x8001


def test_the_dump_walks_from_block_to_block(program: Program) -> None:
    session = program.session()
    program.begin(f"{session.number}:3")
    sizes = {1: (90,), 2: (44,), 3: (46, 46, 46), 4: (11,) * 5}
    for table, expected in sizes.items():
        found = []
        for index in range(len(expected)):
            told = program.call(galss.US_DUMP, table=table, session=0, index=index)
            assert told.code == 0
            found.append(told.outputs["block"])
        assert tuple(len(each) for each in found) == expected
        assert program.call(galss.US_DUMP, table=table, session=0, index=len(expected)).code == 0x0020
        if table == 3:
            assert [each[:3] for each in found] == [b"\1\0\1", b"\0\0\0", b"\2\0\0"]
    for table in (0, 5, 65_535):
        assert program.call(galss.US_DUMP, table=table, session=0, index=0).code == 0x4000


def test_versions_are_three_characters(program: Program) -> None:
    told = program.call(galss.LIRE_VERSION)
    assert told.outputs["version"] == b"3.0"
    assert told.outputs["components"].hex() == "".join(
        f"{number:08x}332e3000" for number in (0, 100, 101, 102)
    )
