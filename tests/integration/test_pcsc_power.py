"""A reader that loses its power or cable, or is closed, under a command: behind stock pcscd and libccid."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.fake_reader import FakeReader
from tests.integration.pcsc_kit import Served, by_ccid, pcscd, served, slots_show
from tests.integration.serving import wait_for
from tests.reader_kit import Bench
from tla_sim.host.transport import open_transport
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.log_sv_atr import LOG_SV_ATR
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.cards.atr import PS_ATR, VITALE_ATR
from tla_sim.reader_fw.serve.ccid_door import CcidDoor
from tla_sim.tools.cast.people import MAYA
from tla_sim.tools.simulator.private_pcscd import PrivatePcscd

AT_ONCE = 10.0
"""Far below the minutes that these things would take if nobody ended them, and enough for a busy machine."""
COMMAND = b"\x80\x10\x00\x00\x00"
SHOWN = slots_show(s0=PS_ATR, s1=VITALE_ATR, s2=LOG_SV_ATR)
EMPTY = slots_show(s0=b"", s1=b"", s2=b"")
CLIENT = Path(__file__).with_name("pcsc_soak_client.py")


def slow(_lad: Lad, _apdu: bytes) -> tuple[bytes, int]:
    """An answer that no test waits for."""
    return b"\x90\x00", 3_600_000


def quick(_lad: Lad, _apdu: bytes) -> tuple[bytes, int]:
    return b"\x90\x00", 0


@contextmanager
def under_a_command(reader: FakeReader, slot: int) -> Iterator[None]:
    """A program that waits for the card in a slot; what the block does must end its wait at once."""
    reader.answer = slow
    before = len(reader.commands)
    arguments = [sys.executable, str(CLIENT), "1", f"{slot}:80100000:9000"]
    with subprocess.Popen(arguments, stderr=subprocess.DEVNULL) as client:
        try:
            wait_for(lambda: len(reader.commands) > before)
            yield
            client.wait(AT_ONCE)
        finally:
            client.kill()
    reader.answer = quick


class Cut:
    """The power or the cable of a reader that is served."""

    def __init__(self, what: str, reader: FakeReader, serving: Served) -> None:
        self._power = what == "power"
        self._reader = reader
        self._serving = serving

    def out(self) -> None:
        reader, server = self._reader, self._serving.server
        self._serving.do(reader.power_off if self._power else lambda: server.plug(False))

    def back(self) -> None:
        reader, server = self._reader, self._serving.server
        self._serving.do(reader.power_on if self._power else lambda: server.plug(True))


@pytest.mark.parametrize("what", ["power", "cable"])
def test_a_command_under_way_ends_at_once_and_the_cards_come_back(what: str, tmp_path: Path) -> None:
    reader = FakeReader()
    with by_ccid(reader, reader.clock, tmp_path) as (serving, _):
        cut = Cut(what, reader, serving)
        for slot, atr in enumerate((PS_ATR, VITALE_ATR, LOG_SV_ATR)):
            wait_for(SHOWN)
            with under_a_command(reader, slot):
                cut.out()
            if slot:  # and once it is back before pcscd saw every slot empty
                wait_for(EMPTY, AT_ONCE)
            cut.back()
            wait_for(SHOWN, AT_ONCE)
            if atr == LOG_SV_ATR:
                with open_transport("pcsc:TLA") as transport:
                    assert transport.transmit(COMMAND)[-2:] == b"\x90\x00"


@pytest.mark.parametrize("what", ["power", "cable"])
def test_a_reader_of_two_slots_is_used_again_without_being_polled(what: str, tmp_path: Path) -> None:
    reader = FakeReader()
    with by_ccid(reader, reader.clock, tmp_path, "?slots=ps,log_sv") as (serving, _):
        cut = Cut(what, reader, serving)
        wait_for(slots_show(s0=PS_ATR, s1=LOG_SV_ATR))
        for slot in (1, 0):
            with under_a_command(reader, slot):
                cut.out()
            cut.back()
            with open_transport("pcsc:TLA") as transport:
                assert transport.transmit(COMMAND, Lad.PS)[-2:] == b"\x90\x00"
                assert transport.transmit(COMMAND)[-2:] == b"\x90\x00"


def test_a_reader_that_is_off_is_taken_by_pcscd_and_shows_its_cards_when_on(tmp_path: Path) -> None:
    reader = FakeReader()
    reader.power_off()
    with by_ccid(reader, reader.clock, tmp_path) as (serving, _):
        wait_for(EMPTY)
        Cut("power", reader, serving).back()
        wait_for(SHOWN, AT_ONCE)


def test_a_reader_closed_under_a_command_leaves_pcscd_in_peace(tmp_path: Path) -> None:
    reader = FakeReader()
    with served(reader, reader.clock, f"ccid:{tmp_path}/reader") as (serving, doors):
        (door,) = doors
        assert isinstance(door, CcidDoor)
        with pcscd(door.configuration.read_text()) as service:
            wait_for(SHOWN)
            with under_a_command(reader, 0):
                serving.do(serving.server.close)
            assert _share_of_a_processor(service) < 0.5


def _share_of_a_processor(service: PrivatePcscd) -> float:
    """What the service takes of one processor for the next half second, 1 when it spins."""
    started, before = time.monotonic(), _processor_seconds(service)
    wait_for(lambda: time.monotonic() - started > 0.5)
    return (_processor_seconds(service) - before) / (time.monotonic() - started)


def _processor_seconds(service: PrivatePcscd) -> float:
    fields = Path(f"/proc/{service.pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def test_a_card_taken_out_while_its_code_is_typed_is_answered_at_once(tmp_path: Path) -> None:
    bench = Bench()
    bench.insert_ps(MAYA)
    with by_ccid(bench.reader, bench.reader.board.clock, tmp_path) as (serving, _):
        wait_for(slots_show(s0=PS_ATR, s2=LOG_SV_ATR))
        with open_transport("pcsc:TLA") as transport, ThreadPoolExecutor() as pool:
            asked = pool.submit(transport.transmit, bytes.fromhex("8024000003000000"))
            wait_for(lambda: serving.do(lambda: bench.text.startswith("CODE PORTEUR")))
            serving.do(lambda: bench.reader.remove(Slot.PS))
            assert asked.result(AT_ONCE) == int(Status.PS_CARD_ABSENT).to_bytes(2, "big")
