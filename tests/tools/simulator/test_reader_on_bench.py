"""The reader on a bench behind each of its links, and served in a process of its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tla_sim.host.client import ReaderClient
from tla_sim.host.transport import open_transport
from tla_sim.protocol.errors import ConnectionLost, StatusError
from tla_sim.protocol.lad import Lad
from tla_sim.tools.cast import demo_practice
from tla_sim.tools.simulator.reader_on_bench import LINKS, ReaderOnBench
from tla_sim.tools.simulator.served_reader import NotServed, served

SELECT_MF = bytes.fromhex("00A4000C023F00")
SLOTS = ("ccid", "vpcd")


@pytest.fixture
def bench() -> ReaderOnBench:
    return ReaderOnBench(demo_practice())


@pytest.mark.parametrize("link", LINKS)
def test_every_link_reaches_log_sv_and_the_cards(bench: ReaderOnBench, link: str) -> None:
    bench.insert_ps(bench.practice.practitioners[0].last_name)
    bench.insert_vitale(bench.practice.patients[0].beneficiaries[0].last_name)
    transport = bench.transport(link)
    client = ReaderClient(transport, bench.entropy.take)
    assert client.identify().serial_number == bench.reader.app.serial_number
    for lad in (Lad.PS, Lad.VITALE, Lad.PS):
        assert transport.transmit(SELECT_MF, lad) == b"\x90\x00"
    client.verify_code(bench.code)
    assert client.read_ps_card().verified


@pytest.mark.parametrize("link", SLOTS)
def test_a_slot_follows_its_card(bench: ReaderOnBench, link: str) -> None:
    transport = bench.transport(link)
    with pytest.raises(ConnectionLost, match="no card"):
        transport.transmit(SELECT_MF, Lad.PS)
    for who in bench.practice.practitioners[:2]:
        bench.insert_ps(who.last_name)
        assert transport.transmit(SELECT_MF, Lad.PS) == b"\x90\x00"
    bench.remove_cards()
    with pytest.raises(ConnectionLost, match="no card"):
        transport.transmit(SELECT_MF, Lad.PS)
    transport.close()


def test_another_link_is_refused(bench: ReaderOnBench) -> None:
    with pytest.raises(ValueError, match="memory, serial, ccid, vpcd"):
        bench.transport("usb")


def test_a_served_reader_is_reached_by_url_and_takes_cards(bench: ReaderOnBench, tmp_path: Path) -> None:
    name = bench.practice.practitioners[0].last_name
    with served(tmp_path, ("tcp:0", "tcp:0"), lambda who: bench.card(who).image.build()) as reader:
        first, second = reader.urls
        assert first != second
        with open_transport(second) as transport:
            client = ReaderClient(transport, os.urandom)
            with pytest.raises(StatusError, match="No PS card"):
                client.verify_code(bench.code)
            reader.insert_ps(name)
            client.verify_code(bench.code)
            assert client.read_ps_card().verified


def test_a_reader_that_cannot_be_served_says_why(tmp_path: Path) -> None:
    with pytest.raises(NotServed, match="nonsense"), served(tmp_path, ("nonsense:1",), lambda _: b""):
        pass
