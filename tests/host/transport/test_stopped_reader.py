"""A reader that is stopped in mid-exchange and goes on: nothing is lost, repeated or begun anew."""

from __future__ import annotations

import pytest

from tests.fake_reader import FakeReader
from tla_sim.host.transport.t1_transport import T1Transport
from tla_sim.protocol.errors import LinkError
from tla_sim.protocol.t1.actions import LinkSettings
from tla_sim.reader_fw.links.t1_link import T1Link
from tla_sim.tools.simulator.virtual_cable import VirtualCable, cable_transport

SERIAL = LinkSettings()
NETWORK = LinkSettings(baud=None, character_wait=2_000, block_wait=5_000)
COMMANDS = [b"\x80\x10\x00\x00", bytes(700), b"\x80\x24\x00\x00", bytes(300)]
WHOLE_SECONDS = 1_000


class StoppableLink(T1Link):
    """A reader's end whose process is stopped once, before or after the n-th bytes reach it, for `stop_ms`.

    What arrives meanwhile waits in the line's buffer, as it does in a terminal's or a socket's.
    """

    def __init__(self, reader: FakeReader, settings: LinkSettings, at: int, stop_ms: int) -> None:
        super().__init__(reader.attach("cable"), reader.clock, settings)
        self._reader = reader
        self._at = at
        self.arrivals = 0
        self._stop_ms = stop_ms
        self._until: int | None = None
        self._buffered = b""

    def receive(self, data: bytes) -> bytes:
        self.arrivals += 1
        if self.arrivals == self._at:
            self._until = self._reader.clock.now_ms + self._stop_ms
        if self._until is None:
            return super().receive(data)
        self._buffered += data
        return b""

    def tick(self) -> bytes:
        if self._until is None:
            return super().tick()
        if self._reader.clock.now_ms < self._until:
            return b""
        self._until = None
        buffered, self._buffered = self._buffered, b""
        return (super().receive(buffered) if buffered else b"") + super().tick()

    @property
    def wake_at(self) -> int | None:
        return super().wake_at if self._until is None else self._until


class Stopped:
    """A reader that is stopped, and the host's way to it."""

    def __init__(self, settings: LinkSettings, at: int, stop_ms: int) -> None:
        self.reader = FakeReader(lambda _lad, apdu: (apdu + b"\x90\x00", 3_000 if apdu[1] == 0x24 else 0))
        self.link = StoppableLink(self.reader, settings, at, stop_ms)
        self.cable = VirtualCable(self.link, self.reader.clock, self.reader.tick, settings.baud)
        self.transport: T1Transport = cable_transport(self.cable, settings)

    def carry_out(self) -> list[bytes]:
        """The answers to all commands."""
        return [self.transport.transmit(command) for command in COMMANDS]


def moments(settings: LinkSettings) -> range:
    """At which arrivals of bytes the reader can be stopped: from the second on, since then it is known."""
    desk = Stopped(settings, 0, 0)
    desk.carry_out()
    return range(2, desk.link.arrivals + 1)


@pytest.mark.parametrize("seconds", [5, 12, 25, 40])
@pytest.mark.parametrize("settings", [SERIAL, NETWORK], ids=["serial", "network"])
def test_every_command_is_carried_out_once_wherever_the_reader_was_stopped(
    settings: LinkSettings, seconds: int
) -> None:
    for at in moments(settings):
        desk = Stopped(settings, at, seconds * WHOLE_SECONDS)
        assert desk.carry_out() == [command + b"\x90\x00" for command in COMMANDS], f"stopped at {at}"
        assert [apdu for _, _, apdu in desk.reader.commands] == COMMANDS, f"stopped at {at}"
        assert desk.reader.ports[0].log.count("reset") == 1, "the session goes on"
        assert desk.cable.now_ms() >= seconds * WHOLE_SECONDS


@pytest.mark.parametrize(("settings", "bound"), [(SERIAL, 60), (NETWORK, 80)], ids=["serial", "network"])
def test_a_reader_that_never_goes_on_is_told_in_bounded_time(settings: LinkSettings, bound: int) -> None:
    for at in moments(settings):
        desk = Stopped(settings, at, 10**9)
        with pytest.raises(LinkError):
            desk.carry_out()
        assert desk.cable.now_ms() < bound * WHOLE_SECONDS
