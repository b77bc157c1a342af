"""Traces are converted both ways: nothing is lost that both can hold, and nothing is left half written."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tla_sim.host.progress import Progress
from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.log_sv_atr import LOG_SV_ATR
from tla_sim.protocol.trace import MAGIC, TraceRecord
from tla_sim.tools.capture import conversion
from tla_sim.tools.capture.conversion import SameKind, convert, convert_file
from tla_sim.tools.capture.level import Level
from tla_sim.tools.capture.pcapng_tracer import PcapngTracer
from tla_sim.tools.capture.reading import Read, ReadExchange, ReadReset, read_file
from tla_sim.tools.capture.record_tracer import RecordTracer
from tla_sim.tools.capture.trace_file import ForeignFile
from tla_sim.tools.capture.tracer import SLOT, SeveralTracers

MS = 1_551_776_400_123
NS = MS * 1_000_000 + 456_789
IDENTIFY = bytes.fromhex("8010000000")
RECORDS = st.lists(
    st.builds(
        TraceRecord,
        st.integers(0, 2**64 // 10**6),
        st.sampled_from(Lad),
        st.binary(max_size=40),
        st.binary(max_size=40),
    )
)


def written(*records: TraceRecord) -> bytes:
    return MAGIC + b"".join(record.build() for record in records)


def converted(raw: bytes, *, to_pcapng: bool) -> bytes:
    out = io.BytesIO()
    convert(read_file(io.BytesIO(raw)), out, to_pcapng=to_pcapng)
    return out.getvalue()


@given(RECORDS)
def test_records_come_back_as_they_were(records: list[TraceRecord]) -> None:
    raw = written(*records)
    assert converted(converted(raw, to_pcapng=True), to_pcapng=False) == raw


def test_log_sv_begins_with_its_answer_to_reset() -> None:
    raw = written(
        TraceRecord(MS, Lad.PS, bytes.fromhex("00B0000000"), b"\x90\x00"),
        TraceRecord(MS, Lad.LOG_SV, IDENTIFY, b"\x90\x00"),
        TraceRecord(MS, Lad.LOG_SV, IDENTIFY, b"\x90\x00"),
    )
    read = list(read_file(io.BytesIO(converted(raw, to_pcapng=True))))
    assert [each for each in read if isinstance(each, ReadReset)] == [
        ReadReset("", Lad.LOG_SV, LOG_SV_ATR, MS * 1_000_000)
    ]
    assert isinstance(read[1], ReadReset)


def capture(path: Path) -> Path:
    with path.open("wb") as file:
        tracer = PcapngTracer(file.write)
        tracer.reset("tcp:1", Lad.LOG_SV, LOG_SV_ATR, NS)
        tracer.command("tcp:1", Lad.LOG_SV, IDENTIFY, NS)
        tracer.piece("tcp:1", Level.T1, "", False, bytes(4), "", NS)
        tracer.zone("ssv", b"", False, "read", NS)
        tracer.answer("tcp:1", Lad.LOG_SV, b"\x90\x00", NS + 1)
        tracer.command("tcp:1", Lad.PS, IDENTIFY, NS)
        tracer.answer("tcp:1", Lad.PS, None, NS)
    return path


def test_what_records_cannot_hold_is_told(tmp_path: Path) -> None:
    target = tmp_path / "a.trace"
    done = convert_file(capture(tmp_path / "a.pcapng"), target)
    assert target.read_bytes() == written(
        TraceRecord(MS, Lad.LOG_SV, IDENTIFY, b"\x90\x00"), TraceRecord(MS, Lad.PS, IDENTIFY, b"")
    )
    assert (done.exchanges, done.size, done.problem) == (2, target.stat().st_size, None)
    assert len(done.left_out.named) == 5
    assert not convert_file(target, tmp_path / "b.pcapng").left_out.named


def test_what_the_reader_asks_of_its_cards_is_no_record(tmp_path: Path) -> None:
    source, target = tmp_path / "a.pcapng", tmp_path / "a.trace"
    recorded = io.BytesIO()
    with source.open("wb") as file:
        tracer = SeveralTracers(PcapngTracer(file.write), RecordTracer(recorded.write))
        for link, lad in (("tcp:1", Lad.LOG_SV), (SLOT, Lad.PS)):
            tracer.command(link, lad, IDENTIFY, NS)
            tracer.answer(link, lad, b"\x90\x00", NS)
        tracer.command(SLOT, Lad.PS, IDENTIFY, NS)
        tracer.close()
    done = convert_file(source, target)
    assert target.read_bytes() == written(TraceRecord(MS, Lad.LOG_SV, IDENTIFY, b"\x90\x00"))
    assert done.exchanges == 1
    assert "what the reader asks of its cards" in done.left_out.named
    assert recorded.getvalue() == target.read_bytes()


def test_a_capture_that_was_cut_off_is_converted_as_far_as_it_is_whole(tmp_path: Path) -> None:
    source, target = capture(tmp_path / "a.pcapng"), tmp_path / "a.trace"
    source.write_bytes(source.read_bytes()[:-5])
    done = convert_file(source, target)
    assert done.exchanges == 2
    assert done.problem is not None
    assert str(source) in done.problem.message
    assert target.read_bytes().startswith(MAGIC)


@pytest.mark.parametrize("raw", [b"", b"a letter", MAGIC[:5], b"\x0a\x0d\x0d\x0a", b"\x0a\x0d\x0d\x0a" * 9])
def test_what_is_not_a_trace_makes_no_file(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "a").write_bytes(raw)
    with pytest.raises((CodecError, SameKind)):
        convert_file(tmp_path / "a", tmp_path / "b.pcapng")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("names", [("a.pcapng", "b.pcapng"), ("a.trace", "b.trace")])
def test_a_file_of_the_same_kind_is_refused(tmp_path: Path, names: tuple[str, str]) -> None:
    source, target = (tmp_path / name for name in names)
    capture(source)
    if target.suffix == ".trace":
        source.write_bytes(written())
    with pytest.raises(SameKind):
        convert_file(source, target)
    assert not target.exists()


def test_another_file_is_never_replaced_and_an_older_trace_is(tmp_path: Path) -> None:
    source, target = capture(tmp_path / "a.pcapng"), tmp_path / "a.txt"
    target.write_text("a letter to the caisse")
    with pytest.raises(ForeignFile):
        convert_file(source, target)
    assert target.read_text() == "a letter to the caisse"
    target.write_bytes(written())
    assert convert_file(source, target).exchanges == 2


def many(count: int) -> Iterator[Read]:
    for at in range(count):
        yield ReadExchange("", Lad.LOG_SV, IDENTIFY, bytes(100) + b"\x90\x00", NS + at, NS + at)


def test_ctrl_c_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, target = tmp_path / "a.trace", tmp_path / "a.pcapng"
    source.write_bytes(written(*[TraceRecord(MS, Lad.LOG_SV, IDENTIFY, b"\x90\x00")] * 5_000))
    monkeypatch.setattr(conversion, "_PATIENCE_S", -1.0)

    def stop(progress: Progress) -> None:
        assert 0 < progress.bytes_done <= progress.bytes_total == source.stat().st_size
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        convert_file(source, target, stop)
    assert [path.name for path in tmp_path.iterdir()] == ["a.trace"]


@pytest.mark.parametrize("to_pcapng", [True, False])
def test_memory_does_not_grow_with_the_trace(tmp_path: Path, to_pcapng: bool) -> None:
    paths = [tmp_path / "big.pcapng", tmp_path / "big.trace"]
    source, target = reversed(paths) if to_pcapng else paths
    with source.open("wb") as file:
        convert(many(30_000), file, to_pcapng=not to_pcapng)
    assert source.stat().st_size > 3_500_000
    tracemalloc.start()
    try:
        assert convert_file(source, target).exchanges == 30_000
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 12_000_000
