"""pcapng: what is written is read again, and no bytes break the reader."""

from __future__ import annotations

import io
import struct
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tla_sim.protocol.errors import CodecError
from tla_sim.tools.capture.pcapng import (
    UPPER_PDU,
    Packet,
    continuation_of,
    interface,
    packet,
    packet_options,
    read_packets,
    section_header,
)

NS = 1_551_776_400_123_456_789
HEAD = section_header("tla-sim") + interface("a Log_SV") + interface("b PS")
PACKETS = st.lists(
    st.tuples(
        st.integers(0, 1), st.integers(0, 2**63), st.binary(max_size=70), st.text(max_size=20), st.booleans()
    )
)


def read(raw: bytes) -> list[Packet]:
    return list(read_packets(io.BytesIO(raw)))


@given(PACKETS)
def test_what_is_written_is_read_again(packets: list[tuple[int, int, bytes, str, bool]]) -> None:
    raw = HEAD + b"".join(
        packet(number, ns, b"", data, packet_options(comment, inbound))
        for number, ns, data, comment, inbound in packets
    )
    found = [(each.interface.name, each.ns, each.data, each.comment, each.inbound) for each in read(raw)]
    names = ("a Log_SV", "b PS")
    assert found == [(names[number], *rest) for number, *rest in packets]
    assert continuation_of(io.BytesIO(raw)).size == len(raw)


def test_a_capture_that_was_cut_off_gives_what_is_whole_and_fails() -> None:
    blocks = [packet(0, NS + at, b"", bytes(at), packet_options("x", False)) for at in range(4)]
    raw = HEAD + b"".join(blocks)
    ends = [len(HEAD)]
    for block in blocks:
        ends.append(ends[-1] + len(block))
    for before, end in pairwise(ends):
        for cut in range(before + 1, end):
            found: list[Packet] = []
            with pytest.raises(CodecError, match="ends in the middle"):
                found.extend(read_packets(io.BytesIO(raw[:cut])))
            assert continuation_of(io.BytesIO(raw[:cut])).size == before


def test_a_capture_of_another_byte_order_and_unit_is_read() -> None:
    def block(kind: int, body: bytes) -> bytes:
        size = struct.pack(">I", 12 + len(body))
        return struct.pack(">I", kind) + size + body + size

    microseconds = block(1, struct.pack(">HHI", UPPER_PDU, 0, 0))
    raw = (
        block(0x0A0D0D0A, struct.pack(">IHHq", 0x1A2B3C4D, 1, 0, -1))
        + microseconds
        + block(5, bytes(12))  # statistics, which are of no interest
        + block(6, struct.pack(">5I", 0, 0, 5, 3, 3) + b"abc\0")
        + block(3, struct.pack(">I", 2) + b"de\0\0")
    )
    assert [(each.ns, each.data, each.inbound) for each in read(raw)] == [
        (5_000, b"abc", None),
        (0, b"de", None),
    ]


def test_sections_follow_one_another() -> None:
    part = HEAD + packet(1, NS, b"", b"x", packet_options("", True))
    assert [each.interface.name for each in read(part + part)] == ["b PS", "b PS"]


@given(st.binary(max_size=300), st.integers(0, 400), st.binary(max_size=8))
def test_no_bytes_break_the_reader(noise: bytes, at: int, change: bytes) -> None:
    raw = HEAD + packet(0, NS, b"", b"abc", packet_options("comment", False))
    for damaged in (noise, HEAD + noise, raw[:at] + change + raw[at + len(change) :]):
        with suppress(CodecError):
            read(damaged)


@pytest.mark.parametrize("raw", [b"", b"TLATRACE1\n", bytes(100), HEAD[:7]])
def test_another_file_is_refused(raw: bytes) -> None:
    with pytest.raises(CodecError, match="not a pcapng file"):
        read(raw)
