"""What every transport does alike. Subclass it and give the fixture `transport` over an echoing reader."""

from __future__ import annotations

from typing import ClassVar

import pytest

from tla_sim.host.transport import Transport
from tla_sim.protocol.errors import PortUnavailable
from tla_sim.protocol.lad import Lad


class TransportConformance:
    """The reader behind `transport` is `tests.fake_reader.FakeReader`, on a line of `baud`, if any."""

    baud: ClassVar[int | None] = None

    @pytest.fixture
    def transport(self) -> Transport:
        raise NotImplementedError

    def test_it_carries_an_apdu_there_and_back(self, transport: Transport) -> None:
        assert transport.transmit(b"\x80\x10\x00\x00\x00") == b"\x80\x10\x00\x00\x00\x00\x90\x00"

    @pytest.mark.parametrize("lad", Lad)
    def test_it_reaches_every_address(self, transport: Transport, lad: Lad) -> None:
        assert transport.transmit(b"\x00\xa4\x00\x00", lad)[-3:] == bytes((lad,)) + b"\x90\x00"

    @pytest.mark.parametrize("size", [4, 254, 255, 5_000])
    def test_it_carries_long_apdus(self, transport: Transport, size: int) -> None:
        apdu = bytes(index & 0xFF for index in range(size))
        assert transport.transmit(apdu)[:size] == apdu

    def test_exchanges_follow_each_other(self, transport: Transport) -> None:
        for number in range(20):
            assert transport.transmit(bytes((0x80, number, 0, 0)))[1] == number

    def test_it_says_what_it_was_opened_with(self, transport: Transport) -> None:
        assert ":" in transport.url

    def test_it_says_how_fast_its_line_is(self, transport: Transport) -> None:
        assert transport.baud == self.baud

    @pytest.fixture
    def closable(self, transport: Transport) -> Transport:
        """One that may be closed, for those whose `transport` serves several tests."""
        return transport

    def test_once_closed_it_says_so(self, closable: Transport) -> None:
        with closable as opened:
            opened.transmit(b"\x80\x10\x00\x00")
        closable.close()
        with pytest.raises(PortUnavailable, match="closed"):
            closable.transmit(b"\x80\x10\x00\x00")
