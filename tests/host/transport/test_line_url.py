"""URLs of readers on a T=1 line: what each option sets, and which sentence refuses what is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from tla_sim.host.transport import serial_line, socket_line
from tla_sim.host.transport.base import BadUrl
from tla_sim.host.transport.line_url import open_line
from tla_sim.host.transport.t1_transport import T1Transport
from tla_sim.protocol.errors import Category
from tla_sim.protocol.t1.actions import LinkSettings
from tla_sim.protocol.t1.block import Edc


class Opened:
    """A line that is not there: it keeps what it was opened with."""

    def __init__(self, *arguments: Any) -> None:
        self.arguments = arguments


@pytest.fixture(autouse=True)
def made(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What transports are made of: URL, arguments of the line, settings."""
    kept: list[tuple[Any, ...]] = []

    def make(_: T1Transport, url: str, line: Opened, settings: LinkSettings) -> None:
        kept.append((url, line.arguments, settings))

    monkeypatch.setattr(serial_line, "SerialLine", Opened)
    monkeypatch.setattr(socket_line, "SocketLine", Opened)
    monkeypatch.setattr(T1Transport, "__init__", make)
    return kept


@pytest.mark.parametrize(
    ("url", "arguments"),
    [
        ("serial:/dev/ttyS0", ("/dev/ttyS0", 9600)),
        ("serial:/dev/ttyS0?baud=115200", ("/dev/ttyS0", 115_200)),
        ("SERIAL:COM3", ("COM3", 9600)),
        ("serial:/dev/a%3Fb", ("/dev/a?b", 9600)),
        ("socket://127.0.0.1:7000", ("127.0.0.1", 7000)),
        ("socket://[::1]:7000/", ("::1", 7000)),
        ("rfc2217://gate:23", ("rfc2217://gate:23", 9600)),
        (
            "rfc2217://gate:23?baud=38400&timeout=2.5&poll_modem",
            ("rfc2217://gate:23?poll_modem=&timeout=2.5", 38_400),
        ),
        ("rfc2217://gate:23?logging=debug", ("rfc2217://gate:23?logging=debug", 9600)),
    ],
)
def test_a_url_names_its_line(
    made: list[tuple[Any, ...]], url: str, arguments: tuple[Any, ...] | None
) -> None:
    open_line(url)
    assert [opened[:2] for opened in made] == [(url, arguments)]


def test_the_options_set_the_link(made: list[tuple[Any, ...]]) -> None:
    open_line("serial:/dev/ttyS0?edc=lrc&wait=7&baud=19200")
    open_line("socket://127.0.0.1:7000?edc=crc")
    open_line("rfc2217://gate:23")
    usual = LinkSettings()
    serial, network, remote = (settings for _, _, settings in made)
    assert (serial.edc, serial.baud, serial.longest_wait) == (Edc.LRC, 19_200, 7_000)
    assert (serial.character_wait, serial.block_wait) == (usual.character_wait, usual.block_wait)
    assert (network.edc, network.baud, network.longest_wait) == (Edc.CRC, None, 300_000)
    assert (remote.baud, remote.longest_wait) == (9600, 300_000)
    for settings in (network, remote):
        assert (settings.character_wait, settings.block_wait) == (2_000, 5_000)


@pytest.mark.parametrize(
    ("url", "sentence", "action"),
    [
        ("serial:", "does not name a device", "Write serial:DEVICE?baud=9600"),
        ("serial:/dev/x?baud=49", "baud=49 is not a number that makes sense", "Give at least 50"),
        ("serial:/dev/x?baud=٩٦٠٠", "is not a number that makes sense", "Give at least 50"),
        ("serial:/dev/x?baud=99999999", "is not a number that makes sense", "Give at least 50"),
        ("serial:/dev/x?wait=0", "wait=0 is not a number", "Give at least 1"),
        ("serial:/dev/x?wait=", "wait= is not a number", "Give at least 1"),
        ("serial:/dev/x?edc=sum", "not known: edc=sum", "Use baud=, edc=crc|lrc or wait="),
        ("serial:/dev/x?timeout=3", "not known: timeout", "Use baud=, edc=crc|lrc or wait="),
        ("socket://h:1?baud=9600", "not known: baud", "Use edc=crc|lrc or wait="),
        ("socket://h:1?", "has an option that cannot be read", "Write ?option=value"),
        ("socket://h:1?wait=1&wait=2", "gives wait twice", "Give it once"),
        ("socket://h", "is not complete", "Write socket://HOST:PORT"),
        ("socket://:7000", "is not complete", "Write socket://HOST:PORT"),
        ("socket://h:99999", "is not complete", "Write socket://HOST:PORT"),
        ("socket://h:1/path", "is not complete", "Write socket://HOST:PORT"),
        ("rfc2217://h", "is not complete", "Write rfc2217://HOST:PORT"),
        ("rfc2217://h:1?timeout=0.0", "timeout=0.0 is not a time", "Give seconds, from 0.1 to 999"),
        ("rfc2217://h:1?timeout=1e3", "timeout=1e3 is not a time", "Give seconds, from 0.1 to 999"),
        ("rfc2217://h:1?logging=all", "logging=all is not known", "Give one of debug, info, warning, error"),
    ],
)
def test_what_is_wrong_with_a_url_is_said(
    made: list[tuple[Any, ...]], url: str, sentence: str, action: str
) -> None:
    with pytest.raises(BadUrl) as refused:
        open_line(url)
    assert sentence in refused.value.message
    assert url in refused.value.message
    assert refused.value.action == action
    assert refused.value.category is Category.BAD_INPUT
    assert made == []
