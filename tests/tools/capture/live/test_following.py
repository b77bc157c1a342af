"""A follower passes on whole blocks, and ends when either side does."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tools.capture.live.kit import packet
from tla_sim.protocol.errors import ConnectionLost
from tla_sim.tools.capture.live.following import WholeBlocks, connect, follow


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Two joined sockets."""
    one, other = socket.socketpair()
    with one, other:
        yield one, other


@given(
    st.lists(st.binary(max_size=60), max_size=10),
    st.lists(st.integers(1, 50), min_size=1),
    st.integers(0, 11),
)
def test_only_whole_blocks_are_passed_on(datas: list[bytes], sizes: list[int], cut: int) -> None:
    whole = b"".join(packet(data) for data in datas)
    stream = whole + packet(b"cut off")[:cut]
    blocks, got, at, turn = WholeBlocks(), b"", 0, 0
    while at < len(stream):
        size = sizes[turn % len(sizes)]
        got += blocks.take(stream[at : at + size])
        at += size
        turn += 1
    assert got == whole


@given(st.binary(min_size=8, max_size=8))
def test_what_is_no_capture_is_refused(start: bytes) -> None:
    size = int.from_bytes(start[4:], "little")
    if 12 <= size <= 16 << 20 and size % 4 == 0:
        assert WholeBlocks().take(start) == b""
    else:
        with pytest.raises(ConnectionLost):
            WholeBlocks().take(start)


def test_it_ends_when_the_reader_does(pair: tuple[socket.socket, socket.socket]) -> None:
    got: list[bytes] = []
    pair[0].sendall(packet(b"a") + packet(b"b")[:10])
    pair[0].close()
    follow(pair[1], got.append)
    assert b"".join(got) == packet(b"a")


def test_it_ends_when_nobody_reads_any_more(pair: tuple[socket.socket, socket.socket]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    got: list[bytes] = []
    follow(pair[1], got.append, writing)
    os.close(writing)
    assert got == []


def test_a_reader_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConnectionLost):
        connect(tmp_path / "1-1.sock")
