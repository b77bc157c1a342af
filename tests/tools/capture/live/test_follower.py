"""A follower that reads slowly loses packets, is told how many, and never sees a broken block."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tools.capture.live.kit import block, data_of, kinds, lost_told, packet
from tla_sim.tools.capture.live.follower import Follower, FollowerGone, split_blocks, with_lost

SECTION, INTERFACE = 0x0A0D0D0A, 1


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Two joined sockets; the first does not block."""
    one, other = socket.socketpair()
    one.setblocking(False)
    with one, other:
        yield one, other


def drain(follower: Follower, other: socket.socket) -> bytes:
    """All that waits."""
    got = bytearray()
    while follower.waiting:
        follower.send()
        got += other.recv(1 << 20)
    return bytes(got)


def test_what_finds_room_arrives_whole_and_in_order(pair: tuple[socket.socket, socket.socket]) -> None:
    follower = Follower(pair[0], lambda: None)
    sent = [packet(bytes([number] * number)) for number in range(50)]
    for each in sent:
        follower.write(each)
    assert drain(follower, pair[1]) == b"".join(sent)
    assert follower.lost == 0


def test_a_follower_that_does_not_read_costs_no_wait_and_bounded_memory(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    follower = Follower(pair[0], lambda: None, most=10_000)
    for _ in range(1_000):
        follower.write(packet(b"x" * 1_000))
        follower.send()
    assert follower.waiting <= 10_000
    assert follower.lost > 0


def test_the_next_packet_says_how_many_were_lost(pair: tuple[socket.socket, socket.socket]) -> None:
    follower = Follower(pair[0], lambda: None, most=400)
    for number in range(10):
        follower.write(packet(bytes([number] * 100)))
    first = drain(follower, pair[1])
    follower.write(packet(b"after"))
    then = drain(follower, pair[1])
    assert (len(data_of(first)), lost_told(first)) == (3, 0)
    assert (data_of(then), lost_told(then)) == ([b"after"], 7)


def test_no_interface_is_ever_lost(pair: tuple[socket.socket, socket.socket]) -> None:
    follower = Follower(pair[0], lambda: None, most=200)
    follower.write(block(SECTION, bytes(16)))
    follower.write(packet(bytes(120)))
    follower.write(block(INTERFACE, bytes(8)) + packet(bytes(120)))
    assert kinds(drain(follower, pair[1])) == [SECTION, 6, INTERFACE]
    assert follower.lost == 1


def test_it_says_when_something_begins_to_wait(pair: tuple[socket.socket, socket.socket]) -> None:
    told: list[int] = []
    follower = Follower(pair[0], lambda: told.append(1))
    follower.write(packet(b"a"))
    follower.write(packet(b"b"))
    assert len(told) == 1
    drain(follower, pair[1])
    follower.write(packet(b"c"))
    assert len(told) == 2


def test_a_closed_end_is_noticed(pair: tuple[socket.socket, socket.socket]) -> None:
    follower = Follower(pair[0], lambda: None)
    pair[1].close()
    follower.write(packet(b"a"))
    with pytest.raises(FollowerGone):
        follower.send()


@given(st.binary(max_size=200), st.booleans(), st.integers(1, 1 << 60))
def test_a_packet_keeps_its_data_and_its_options(data: bytes, commented: bool, count: int) -> None:
    options = struct.pack("<HH4sHH", 1, 4, b"name", 0, 0) if commented else b""
    told = with_lost(packet(data, options), count)
    assert data_of(told) == [data]
    assert lost_told(told) == count
    assert told.endswith((options or bytes(4)) + told[4:8])
    assert split_blocks(told) == [told]


@given(st.lists(st.one_of(st.none(), st.integers(0, 300)), max_size=40))
def test_every_packet_arrives_or_is_counted(steps: list[int | None]) -> None:
    """A number writes a packet of so many bytes, `None` lets the follower read everything."""
    one, other = socket.socketpair()
    one.setblocking(False)
    with one, other:
        follower = Follower(one, lambda: None, most=500)
        got, written = b"", 0
        for step in steps:
            if step is None:
                got += drain(follower, other)
            else:
                follower.write(packet(bytes(step)))
                written += 1
        got += drain(follower, other)
        follower.write(packet(b"last"))
        got += drain(follower, other)
    assert len(data_of(got)) + lost_told(got) == written + 1
    assert lost_told(got) == follower.lost
