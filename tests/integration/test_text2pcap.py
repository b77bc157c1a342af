"""A dump of APDUs that Debian's text2pcap made a capture of is read, with directions and without."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.tools.cli.command_line import tla
from tla_sim.protocol.lad import Lad
from tla_sim.tools.capture.reading import read_exchanges

DUMP = "O\n000000 80 10 00 00 00\n\nI\n000000 07 54 4c 90 00\n\n"


@pytest.mark.parametrize("directed", [True, False])
def test_a_capture_by_text2pcap_is_converted(tmp_path: Path, directed: bool) -> None:
    dump, capture, records = (tmp_path / name for name in ("dump", "dump.pcapng", "dump.trace"))
    dump.write_text(DUMP if directed else DUMP.replace("O\n", "").replace("I\n", ""))
    ways = ["-D"] if directed else []
    subprocess.run(
        ["text2pcap", *ways, "-P", "iso7816", dump, capture], check=True, capture_output=True, timeout=60
    )
    assert tla("trace", "convert", capture, records).exit_code == 0
    with records.open("rb") as stream:
        (found,) = read_exchanges(stream)
    assert (found.lad, found.command.hex(), found.response.hex()) == (Lad.LOG_SV, "8010000000", "07544c9000")
