"""What every link into the reader does alike. Subclass it, make the link, and say how a host speaks on it."""

from __future__ import annotations

from abc import ABC, abstractmethod

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fake_reader import FakePort, FakeReader
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.links.port import Link, LinkPort, Now

MOST_SAID_A_BYTE = 8


class LinkConformance(ABC):
    """`make` builds the link; `exchange` is a host that sends one command and waits for its answer."""

    @abstractmethod
    def make(self, port: LinkPort, clock: Now) -> Link:
        """A fresh link."""

    @abstractmethod
    def exchange(self, link: Link, reader: FakeReader, lad: Lad, apdu: bytes) -> bytes:
        """One exchange of a host that has just come to the link, the reader's clock moving as needed."""

    def _served(self) -> tuple[FakeReader, FakePort, Link]:
        reader = FakeReader()
        port = reader.attach("test")
        return reader, port, self.make(port, reader.clock)

    def test_it_is_at_rest_until_a_host_speaks(self) -> None:
        _, _, link = self._served()
        assert link.wake_at is None
        assert link.tick() == b""

    @pytest.mark.parametrize("lad", Lad)
    def test_it_carries_commands_to_every_address(self, lad: Lad) -> None:
        reader, _, link = self._served()
        assert self.exchange(link, reader, lad, b"\x80\x10\x00\x00\x00")[-3:] == bytes((lad, 0x90, 0x00))
        assert [(to, apdu) for _, to, apdu in reader.commands] == [(lad, b"\x80\x10\x00\x00\x00")]

    def test_it_waits_for_a_reader_that_takes_its_time(self) -> None:
        reader, _, link = self._served()
        reader.answer = lambda _lad, _apdu: (b"\x90\x00", 10_000)
        started = reader.clock.now_ms
        assert self.exchange(link, reader, Lad.LOG_SV, b"\x80\x24\x00\x00") == b"\x90\x00"
        assert reader.clock.now_ms - started >= 10_000

    # It is meant to run for every subclass.
    @settings(suppress_health_check=[HealthCheck.differing_executors])
    @given(st.lists(st.binary(max_size=600), max_size=20))
    def test_garbage_is_answered_briefly_and_the_next_host_is_served(self, pieces: list[bytes]) -> None:
        reader, _, link = self._served()
        said = sum(len(link.receive(piece)) for piece in pieces)
        assert said <= MOST_SAID_A_BYTE * sum(map(len, pieces)) + 600
        reader.answer = lambda _lad, apdu: (apdu + b"\x90\x00", 0)
        assert self.exchange(link, reader, Lad.LOG_SV, b"\x80\x10\x00\x00")[-2:] == b"\x90\x00"

    def test_hanging_up_ends_the_session_and_drops_the_command(self) -> None:
        reader, port, link = self._served()
        self.exchange(link, reader, Lad.LOG_SV, b"\x80\x10\x00\x00")
        link.hang_up()
        assert port.log[-1] == "reset"
        assert port.due_ms is None
        assert link.wake_at is None
        assert self.exchange(link, reader, Lad.LOG_SV, b"\x80\x12\x00\x00")[-2:] == b"\x90\x00"

    def test_it_comes_to_rest_after_any_host(self) -> None:
        reader, _, link = self._served()
        self.exchange(link, reader, Lad.LOG_SV, b"\x80\x10\x00\x00")
        for _ in range(100):
            if link.wake_at is None:
                return
            reader.tick(max(0, link.wake_at - reader.clock.now_ms))
            link.tick()
        raise AssertionError("it never comes to rest")
