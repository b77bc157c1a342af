"""Traces are written and read again, and converted without loss of what both kinds hold."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.log_sv_atr import LOG_SV_ATR
from tla_sim.protocol.trace import MAGIC, TraceRecord
from tla_sim.tools.capture.level import Level
from tla_sim.tools.capture.pcapng import application_of, interface, section_header
from tla_sim.tools.capture.pcapng_tracer import PcapngTracer
from tla_sim.tools.capture.reading import ReadExchange, ReadReset, read_exchanges, read_file
from tla_sim.tools.capture.trace_file import ForeignFile, TraceFile

NS = 1_551_776_400_123_456_789
CODE = b"1234"
VERIFY = bytes.fromhex("0020000108") + CODE + b"\xff" * 4
LADS = st.sampled_from(Lad)


def test_each_exchange_has_its_link_addressee_and_times() -> None:
    file = io.BytesIO()
    tracer = PcapngTracer(file.write)
    tracer.reset("pty:/tmp/a", Lad.LOG_SV, LOG_SV_ATR, NS)
    tracer.command("pty:/tmp/a", Lad.LOG_SV, bytes.fromhex("8010000000"), NS + 1)
    tracer.command("tcp:0", Lad.PS, VERIFY, NS + 2)
    tracer.piece("tcp:0", Level.T1, "", False, b"\x31\x00", "cut off", NS + 2)
    tracer.answer("tcp:0", Lad.PS, b"\x63\xc2", NS + 3)
    tracer.answer("pty:/tmp/a", Lad.LOG_SV, None, NS + 4)
    tracer.command("tcp:0", Lad.VITALE, b"\x00", NS + 5)
    file.seek(0)
    assert list(read_file(file)) == [
        ReadReset("pty:/tmp/a", Lad.LOG_SV, LOG_SV_ATR, NS),
        ReadExchange("tcp:0", Lad.PS, VERIFY[:5] + b"\xff" * 8, b"\x63\xc2", NS + 2, NS + 3),
        ReadExchange("pty:/tmp/a", Lad.LOG_SV, bytes.fromhex("8010000000"), b"", NS + 1, NS + 4),
        ReadExchange("tcp:0", Lad.VITALE, b"\x00", b"", NS + 5, NS + 5),
    ]
    assert CODE not in file.getvalue()


@given(st.lists(st.tuples(LADS, st.binary(min_size=1, max_size=40), st.binary(max_size=40))))
def test_records_survive_the_way_through_pcapng(exchanges: list[tuple[Lad, bytes, bytes]]) -> None:
    records = [
        TraceRecord(NS // 1_000_000 + at, lad, command, response)
        for at, (lad, command, response) in enumerate(exchanges)
    ]
    written = MAGIC + b"".join(record.build() for record in records)
    file = io.BytesIO()
    tracer = PcapngTracer(file.write)
    for each in read_exchanges(io.BytesIO(written)):
        tracer.command("trace", each.lad, each.command, each.started_ns)
        tracer.answer("trace", each.lad, each.response, each.ended_ns)
    back = MAGIC
    file.seek(0)
    for each in read_exchanges(file):
        back += TraceRecord(each.started_ns // 1_000_000, each.lad, each.command, each.response).build()
    assert back == written


def test_a_file_is_appended_to_behind_what_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "round.pcapng"
    for append in (False, True):
        file = TraceFile(path, append=append)
        file.tracer.command("a", Lad.LOG_SV, bytes.fromhex("8010000000"), NS)
        file.tracer.answer("a", Lad.LOG_SV, b"\x90\x00", NS)
        file.close()
        # What a killed program leaves.
        path.write_bytes(path.read_bytes() + b"\x06\0\0\0\x40\0")
    last = TraceFile(path, append=True)
    last.close()
    with path.open("rb") as stream:
        assert len(list(read_exchanges(stream))) == 2
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["a.pcapng", "a.trace"])
def test_another_file_is_never_replaced(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("a letter to the caisse")
    with pytest.raises(ForeignFile):
        TraceFile(path)
    assert path.read_text() == "a letter to the caisse"


def test_a_capture_of_another_program_is_appended_to_but_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "network.pcapng"
    path.write_bytes(section_header("Dumpcap (Wireshark)") + interface("eth0", 1))
    before = path.read_bytes()
    with pytest.raises(ForeignFile):
        TraceFile(path)
    assert path.read_bytes() == before
    TraceFile(path, append=True).close()
    assert path.read_bytes().startswith(before)


@given(st.binary(max_size=80))
def test_no_beginning_breaks_the_search_for_its_program(noise: bytes) -> None:
    head = section_header("tla-sim")
    assert application_of(head + noise) == "tla-sim"
    application_of(noise)
    application_of(head[:12] + noise)


@pytest.mark.parametrize("raw", [b"", b"{}", bytes(1000)])
def test_what_is_no_trace_is_refused(raw: bytes) -> None:
    with pytest.raises(CodecError, match="neither"):
        list(read_file(io.BytesIO(raw)))
