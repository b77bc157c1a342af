"""Where the reader is: a URL, or what galss.ini says; and what a program gets for each mistake in that."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.host.transport.galss.test_codes import MISTAKES
from tests.host.transport.galss.test_galss import PORTS, SAMPLE
from tla_sim.host.ssv.frames import HELLO, MAGIC, VERSION, WELCOME, Client, Hello, build_frame
from tla_sim.host.ssv.server.conversation import Conversation
from tla_sim.host.ssv.server.reader_held import ReaderHeld
from tla_sim.host.ssv.server.reader_place import AtUrl, InGalssFile
from tla_sim.host.ssv.server.service import Service
from tla_sim.host.transport import open_transport
from tla_sim.host.transport.galss.named import GalssUnreadable, UnknownResource
from tla_sim.protocol.lad import Lad


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A galss.ini with its io_comm.ini."""
    (tmp_path / "io_comm.ini").write_bytes(PORTS)
    path = tmp_path / "galss.ini"
    path.write_text(SAMPLE)
    return path


def test_a_url_has_the_usual_names() -> None:
    place = AtUrl("serial:/dev/ttyS0")()
    assert place.url == "serial:/dev/ttyS0"
    assert place.resources["log_sv"] is Lad.LOG_SV
    assert place.resources["transpa2"] is Lad.VITALE


def test_the_names_and_the_port_are_those_of_the_file(file: Path) -> None:
    place = InGalssFile(file)()
    assert place.url == "serial:/dev/ttyS0?baud=9600"
    assert place.resources == {"cps": Lad.PS, "log_sv": Lad.LOG_SV}


def test_a_url_goes_before_the_port_of_the_file(file: Path) -> None:
    assert InGalssFile(file, "socket://host:1")().url == "socket://host:1"


def test_the_file_is_read_each_time(file: Path) -> None:
    find = InGalssFile(file)
    file.write_text(SAMPLE.replace("NomLAD=CPS", "NomLAD=CARTE"))
    assert find().resources["carte"] is Lad.PS
    file.unlink()
    with pytest.raises(GalssUnreadable):
        find()


def test_a_file_without_the_readers_own_software_is_f101(file: Path) -> None:
    file.write_text(SAMPLE.replace("LAD=0", "LAD=2"))
    with pytest.raises(UnknownResource) as caught:
        InGalssFile(file)()
    assert caught.value.ssv == 0xF101


@pytest.mark.parametrize(("before", "after", "line", "code"), MISTAKES)
def test_a_program_gets_the_code_of_each_mistake_when_it_begins(
    file: Path, before: str, after: str, line: int, code: int
) -> None:
    text = SAMPLE.replace(before, after, 1)
    file.write_text(text)
    service = Service(ReaderHeld(InGalssFile(file), open_transport), file.with_name("ledger"))
    conversation = Conversation(service.welcome)
    (answer,) = conversation.receive(
        build_frame(HELLO.build(Hello(MAGIC, VERSION, Client.SSV, b"", b"test")))
    )
    with pytest.raises(GalssUnreadable, match=r"line \d+") as caught:
        InGalssFile(file)()
    told = WELCOME.parse(answer[4:]).code
    assert told == caught.value.ssv
    # Where a file has several mistakes, the first one is told.
    assert told == code or f"line {line}:" not in caught.value.message
    assert conversation.ended
