"""How a host is told to reach a served link."""

from __future__ import annotations

import pytest

from tla_sim.reader_fw.serve import LinkSpec
from tla_sim.tools.simulator.serving import reader_url


@pytest.mark.parametrize(
    ("link", "address", "url"),
    [
        ("pty:port", "/tmp/a b/port", "serial:/tmp/a b/port"),
        ("pty:port?baud=9600", "/tmp/port", "serial:/tmp/port?baud=9600"),
        ("pty:port?edc=lrc", "/tmp/port", "serial:/tmp/port?edc=lrc"),
        ("pty:port?baud=9600&edc=lrc", "/tmp/port", "serial:/tmp/port?baud=9600&edc=lrc"),
        ("pty:50%25%3F", "/tmp/50%?", "serial:/tmp/50%25%3F"),
        ("tcp:0", "127.0.0.1:7816", "socket://127.0.0.1:7816"),
        ("tcp:0?edc=lrc", "127.0.0.1:7816", "socket://127.0.0.1:7816?edc=lrc"),
        ("serial:/dev/ttyS0", "/dev/ttyS0", ""),
    ],
)
def test_the_printed_url_reaches_the_link_as_it_is_served(link: str, address: str, url: str) -> None:
    assert reader_url(LinkSpec.parse(link), address) == url
