"""One simulated reader, three places to live: what can be done with it is the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from tla_sim.host.client import ReaderClient
from tla_sim.host.transport import open_transport
from tla_sim.protocol.errors import Category, ConnectionLost, LinkError, ReaderHeld, StatusError, TlaError
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.cards.image import CardImage
from tla_sim.tools.cards.file import save_card
from tla_sim.tools.cast.cards import UnknownCard
from tla_sim.tools.cast.images import ps_image
from tla_sim.tools.cast.people import MAYA, MORNING
from tla_sim.tools.simulator.body import ElsewhereOnly, UnknownKey, UnknownLink
from tla_sim.tools.simulator.control.opening import BadTime, HostFault
from tla_sim.tools.simulator.live_reader import LINKS
from tla_sim.tools.simulator.served_reader import NotServed, ServedReader
from tla_sim.tools.simulator.simulated_reader import ReaderClosed, SimulatedReader

SELECT_MF = bytes.fromhex("00A4000C023F00")
SLOTS = ("ccid", "vpcd")
WAYS = ("in_memory", "open", "served")


def made(way: str, directory: Path) -> SimulatedReader:
    match way:
        case "in_memory":
            return SimulatedReader.in_memory()
        case "open":
            return SimulatedReader.open(directory / "reader")
        case _:
            return SimulatedReader.served("tcp:0", directory=directory / "reader")


@pytest.fixture
def reader() -> Iterator[SimulatedReader]:
    with SimulatedReader.in_memory() as made:
        yield made


@pytest.fixture(params=WAYS)
def any_reader(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SimulatedReader]:
    with made(request.param, tmp_path) as reader:
        yield reader


def test_a_card_its_code_and_the_screen_are_the_same_everywhere(any_reader: SimulatedReader) -> None:
    nurse = any_reader.practice.practitioners[0].last_name
    client = any_reader.client()
    with pytest.raises(StatusError, match="No PS card"):
        client.verify_code(any_reader.code)
    any_reader.insert_ps(nurse)
    assert client.verify_code(any_reader.code).verified
    any_reader.insert_vitale(any_reader.practice.patients[0].beneficiaries[0].last_name)
    assert client.read_vitale().serial
    any_reader.remove_cards()
    with pytest.raises(StatusError, match="No PS card"):
        client.verify_code(any_reader.code)
    any_reader.remove_cards()
    assert len(any_reader.screen) == 4
    assert "ATTENTE ORDRE" in " ".join(any_reader.screen)


def test_off_the_cable_keys_move_the_screen_and_the_switch_darkens_it(any_reader: SimulatedReader) -> None:
    any_reader.client().identify()
    any_reader.unplug()
    home = any_reader.screen
    assert "ATTENTE ORDRE" not in " ".join(home)
    any_reader.insert_ps(any_reader.practice.practitioners[0].last_name)
    any_reader.press("12", "COR", "ANN")
    any_reader.power_off()
    assert any_reader.screen == ("", "", "", "")
    any_reader.power_on()
    assert any_reader.screen != ("", "", "", "")
    any_reader.plug()
    assert any_reader.client().identify().major == 1


def test_time_passes_and_a_verified_code_is_forgotten(tmp_path: Path) -> None:
    for way in ("in_memory", "open"):
        with made(way, tmp_path) as reader:
            client = reader.client()
            reader.insert_ps(reader.practice.practitioners[0].last_name)
            client.verify_code(reader.code)
            before = client.clock()
            reader.advance(11 * 60_000)
            assert client.clock() - before >= 11 * 60_000
            with pytest.raises(StatusError, match="code porteur"):
                client.erase(reader.practice.practitioners[0].situations[0].billing_number)


def test_what_is_wrong_is_said_with_what_there_is(any_reader: SimulatedReader) -> None:
    with pytest.raises(UnknownCard, match="Nobody of the practice is called NOBODY") as unknown:
        any_reader.insert_ps("NOBODY")
    assert unknown.value.category is Category.BAD_INPUT
    assert any_reader.practice.practitioners[0].last_name in unknown.value.action
    with pytest.raises(UnknownLink):
        any_reader.transport("usb")
    with pytest.raises(UnknownKey, match="no key 'F1'"):
        any_reader.press("F1")


@pytest.mark.parametrize("link", LINKS)
def test_every_link_reaches_log_sv_and_the_cards(reader: SimulatedReader, link: str) -> None:
    reader.insert_ps(reader.practice.practitioners[0].last_name)
    reader.insert_vitale(reader.practice.patients[0].beneficiaries[0].last_name)
    transport = reader.transport(link)
    client = ReaderClient(transport, os.urandom)
    assert client.identify().serial_number == reader.reader.app.serial_number
    for lad in (Lad.PS, Lad.VITALE, Lad.PS):
        assert transport.transmit(SELECT_MF, lad) == b"\x90\x00"
    client.verify_code(reader.code)
    assert client.read_ps_card().verified


@pytest.mark.parametrize("link", SLOTS)
def test_a_slot_follows_its_card(reader: SimulatedReader, link: str) -> None:
    transport = reader.transport(link)
    with pytest.raises(ConnectionLost, match="no card"):
        transport.transmit(SELECT_MF, Lad.PS)
    for who in reader.practice.practitioners[:2]:
        reader.insert_ps(who.last_name)
        assert transport.transmit(SELECT_MF, Lad.PS) == b"\x90\x00"
    reader.remove_cards()
    with pytest.raises(ConnectionLost, match="no card"):
        transport.transmit(SELECT_MF, Lad.PS)
    transport.close()


@pytest.mark.parametrize("link", SLOTS)
def test_a_card_that_offers_neither_protocol_is_addressed_as_one_of_t0(
    reader: SimulatedReader, link: str, tmp_path: Path
) -> None:
    issued = ps_image(MAYA)
    card = tmp_path / "odd.card"
    save_card(card, CardImage(replace(issued.contents, atr=bytes.fromhex("3B800E8E")), issued.code).build())
    reader.insert_ps(card)
    transport = reader.transport(link)
    assert transport.transmit(SELECT_MF, Lad.PS) == b"\x90\x00"
    transport.close()


def test_the_same_seed_gives_the_same_bytes() -> None:
    images = []
    for seed in (7, 7, 8):
        with SimulatedReader.in_memory(seed=seed) as reader:
            reader.client("serial").set_clock(MORNING)
            flash = reader.reader.board.flash
            images.append(bytes(flash.read(0, flash.size)))
    assert images[0] == images[1]
    assert images[0] != images[2]


def test_a_reader_of_an_older_version_says_so() -> None:
    with SimulatedReader.in_memory(profile="1.31") as reader:
        identity = reader.client().identify()
    assert (identity.major, identity.minor) == (1, 31)


def test_what_is_in_a_directory_is_there_the_next_time(tmp_path: Path) -> None:
    with SimulatedReader.open(tmp_path / "reader") as reader:
        serial = reader.client().identify().serial_number
        reader.insert_ps(reader.practice.practitioners[0].last_name)
        with pytest.raises(ReaderHeld):
            SimulatedReader.open(tmp_path / "reader")
    with SimulatedReader.open(tmp_path / "reader") as reader:
        client = reader.client()
        assert client.identify().serial_number == serial
        assert client.verify_code(reader.code).verified
    with open_transport(f"state:{tmp_path / 'reader'}") as transport:
        assert ReaderClient(transport, os.urandom).identify().serial_number == serial


def test_a_card_file_goes_in_like_a_name(tmp_path: Path) -> None:
    with SimulatedReader.open(tmp_path / "reader") as first:
        first.insert_ps(first.practice.practitioners[0].last_name)
    (file,) = (tmp_path / "reader" / "cards").iterdir()
    with SimulatedReader.in_memory() as reader:
        reader.insert_ps(file)
        assert reader.client().verify_code(reader.code).verified


def test_a_served_reader_has_a_url_for_each_link(tmp_path: Path) -> None:
    with SimulatedReader.served(
        "tcp:0", f"pty:{tmp_path / 'port'}", "tcp:0", directory=tmp_path / "r"
    ) as reader:
        first, second, third = reader.urls
        assert first != third
        assert second == f"serial:{tmp_path / 'port'}"
        for url in reader.urls:
            with open_transport(url) as transport:
                assert ReaderClient(transport, os.urandom).identify().major == 1
        with pytest.raises(ElsewhereOnly):
            _ = reader.reader


def test_a_served_reader_is_gone_with_its_directory() -> None:
    with SimulatedReader.served() as reader:
        (url,) = reader.urls
        reader.client().identify()
    with pytest.raises(LinkError), open_transport(url) as transport:
        ReaderClient(transport, os.urandom).identify()


def test_a_reader_that_cannot_be_served_says_why(tmp_path: Path) -> None:
    with pytest.raises(NotServed, match="nonsense"):
        SimulatedReader.served("nonsense:1", directory=tmp_path)


@pytest.mark.parametrize("way", ["in_memory", "served"])
def test_a_planned_fault_is_told_when_it_struck(way: str, tmp_path: Path) -> None:
    faults = "reader.reset@1"
    with (
        SimulatedReader.in_memory(faults=faults)
        if way == "in_memory"
        else SimulatedReader.served(directory=tmp_path, faults=faults) as reader
    ):
        client = reader.client()
        client.identify()
        assert not reader.struck
        with suppress(LinkError):
            client.list_documents()
        reader.advance(1)  # a served reader tells of it before it tells that this is done
        assert reader.struck == ("reader.reset@1:1",)


def test_a_closed_reader_says_so_whatever_is_done_with_it(any_reader: SimulatedReader) -> None:
    any_reader.close()
    any_reader.close()
    hands: tuple[Callable[[], object], ...] = (
        lambda: any_reader.insert_ps("PIQURE2969"),
        any_reader.remove_cards,
        lambda: any_reader.press("VAL"),
        lambda: any_reader.screen,
        lambda: any_reader.advance(1),
        any_reader.unplug,
        any_reader.power_off,
        any_reader.power_on,
        any_reader.client,
    )
    for hand in hands:
        with pytest.raises(ReaderClosed, match="The reader was closed"):
            hand()


def test_a_card_file_that_is_not_there_is_said_alike(any_reader: SimulatedReader, tmp_path: Path) -> None:
    with pytest.raises(TlaError, match="no such file"):
        any_reader.insert_ps(tmp_path / "nowhere.card")


def test_a_time_that_cannot_be_is_refused() -> None:
    with SimulatedReader.in_memory() as reader:
        for ms in (-1, 1.5, float("nan")):
            with pytest.raises(BadTime, match="not a number of milliseconds"):
                reader.advance(ms)  # type: ignore[arg-type]
    with pytest.raises(BadTime, match="A reader's clock cannot show -1 ms"):
        SimulatedReader.in_memory(moment=-1)


def test_a_name_with_a_line_break_shifts_no_answer(tmp_path: Path) -> None:
    with SimulatedReader.served(directory=tmp_path) as reader:
        with pytest.raises(TlaError, match="line break"):
            reader.insert_ps(Path("x\ny.card"))
        with pytest.raises(TlaError, match="no such file"):
            reader.insert_ps(Path("/nowhere"))
        reader.press("2")
        reader.insert_ps("PIQURE2969")
        assert reader.client().verify_code(reader.code).verified


def test_a_served_reader_that_died_is_not_served_and_leaves_nothing() -> None:
    with SimulatedReader.served() as reader:
        body = reader._body
        assert isinstance(body, ServedReader)
        os.kill(body._process.pid, signal.SIGKILL)
        body._process.wait()
        with pytest.raises(NotServed, match="The reader is not served"):
            reader.press("1")
    with pytest.raises(NotServed) as said:
        SimulatedReader.served("bogus")
    assert said.value.message.endswith("'bogus' is not a link")
    assert "{" not in str(said.value)


def test_a_served_reader_that_nobody_closes_ends_with_the_program(tmp_path: Path) -> None:
    script = (
        "import tla_sim\n"
        f"reader = tla_sim.SimulatedReader.served('pty:{tmp_path}/é', directory={str(tmp_path / 'r')!r})\n"
        "print(reader._body._process.pid)"
    )
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment
    )
    with pytest.raises(ProcessLookupError):
        os.kill(int(done.stdout), 0)


def test_a_fault_of_a_host_is_not_a_readers() -> None:
    with pytest.raises(HostFault, match=r"host\.kill@3:before happens to a host"):
        SimulatedReader.in_memory(faults="host.kill@3")
