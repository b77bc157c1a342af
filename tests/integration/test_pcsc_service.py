"""Long and rough service behind stock pcscd: ten thousand APDUs a slot, bad frames, restarts."""

from __future__ import annotations

import os
import subprocess
import sys
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.fake_reader import FakeReader
from tests.integration.pcsc_kit import (
    by_ccid,
    by_vpcd,
    free_ports,
    pcscd,
    reach,
    said,
    served,
    slots_show,
    vpcd_configuration,
)
from tests.integration.serving import PATIENCE, wait_for
from tests.reader_kit import Bench
from tla_sim.protocol.ccid import (
    NAK_FRAME,
    Answer,
    CommandStatus,
    FrameCutter,
    Item,
    Kind,
    Request,
    frame_message,
)
from tla_sim.protocol.log_sv_atr import LOG_SV_ATR
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.cards.atr import PS_ATR, VITALE_ATR
from tla_sim.reader_fw.serve import BadLink
from tla_sim.reader_fw.serve.ccid_door import CcidDoor, pcscd_configuration
from tla_sim.tools.cast.images import ps_image, vitale_image
from tla_sim.tools.cast.people import MAYA
from tla_sim.tools.simulator.private_pcscd import PrivatePcscd

APDUS_A_SLOT = 10_000
GROWTH_KIB = 2_048
SELECT_MF = "00A4000C023F00:9000"
READ_CLOCK = "80140000000000:9000"
SHOWN = slots_show(s0=PS_ATR, s1=VITALE_ATR, s2=LOG_SV_ATR)


@contextmanager
def _subject(kind: str, where: str) -> Iterator[int]:
    """The reader in a process of its own, so that its memory can be looked at; its process."""
    arguments = [sys.executable, "-m", "tla_sim.tools.bench.pcsc_subject", kind, where]
    with subprocess.Popen(arguments) as process:
        try:
            yield process.pid
        finally:
            process.terminate()
            assert process.wait(PATIENCE) == 0


def _memory_kib(pid: int) -> int:
    (line,) = [
        line
        for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
        if line.startswith("VmRSS")
    ]
    return int(line.split()[1])


def _soak(count: int, *slots: str) -> None:
    client = Path(__file__).with_name("pcsc_soak_client.py")
    done = subprocess.run(
        [sys.executable, client, str(count), *slots], capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr


def _soak_without_growth(pid: int, *slots: str) -> None:
    _soak(1_000, *slots)
    before = _memory_kib(pid)
    _soak(APDUS_A_SLOT, *slots)
    assert _memory_kib(pid) - before < GROWTH_KIB


@pytest.mark.soak
def test_ten_thousand_apdus_on_every_slot_at_once_by_ccid(tmp_path: Path) -> None:
    device = tmp_path / "reader"
    with _subject("ccid", str(device)) as pid:
        wait_for(device.exists)
        with pcscd(pcscd_configuration(str(device), 5)):
            wait_for(SHOWN)
            _soak_without_growth(pid, f"0:{SELECT_MF}", f"1:{SELECT_MF}", f"2:{READ_CLOCK}")
            assert SHOWN()


@pytest.mark.soak
def test_ten_thousand_apdus_on_every_slot_at_once_by_vpcd() -> None:
    port = free_ports()
    with pcscd(vpcd_configuration(port)), _subject("vpcd", str(port)) as pid:
        wait_for(slots_show(s0=PS_ATR, s1=LOG_SV_ATR))
        _soak_without_growth(pid, f"0:{SELECT_MF}", f"1:{READ_CLOCK}")


def _bench() -> Bench:
    bench = Bench()
    bench.insert_ps(MAYA)
    bench.reader.insert(Slot.VITALE, bench.card(vitale_image()))
    return bench


def test_a_pcscd_that_restarts_finds_the_reader_again(tmp_path: Path) -> None:
    bench = _bench()
    with by_ccid(bench.reader, bench.reader.board.clock, tmp_path) as (_, service):
        for _ in range(3):
            wait_for(SHOWN)
            assert "PKCS#15 Card" in said("pkcs15-tool", "--reader", "0", "--dump")
            service.stop()
            service.start()
            reach(service)
        wait_for(SHOWN)


def test_a_pcscd_that_dies_in_mid_command_finds_the_reader_again(tmp_path: Path) -> None:
    reader = FakeReader(lambda _lad, _apdu: (b"\x90\x00", 60_000))
    with by_ccid(reader, reader.clock, tmp_path) as (_, service):
        wait_for(SHOWN)
        client = Path(__file__).with_name("pcsc_soak_client.py")
        with subprocess.Popen([sys.executable, client, "1", "0:80100000:9000"], stderr=subprocess.DEVNULL):
            wait_for(lambda: reader.commands)
            service.stop()
        reader.answer = lambda _lad, _apdu: (b"\x90\x00", 0)
        service.start()
        reach(service)
        wait_for(SHOWN)
        _soak(10, "0:80100000:9000")


def test_a_vpcd_that_restarts_finds_the_reader_again() -> None:
    bench = _bench()
    with by_vpcd(bench.reader, bench.reader.board.clock) as (_, service):
        for _ in range(2):
            wait_for(slots_show(s0=PS_ATR, s1=LOG_SV_ATR))
            service.stop()
            service.start()
            reach(service)
        wait_for(slots_show(s0=PS_ATR, s1=LOG_SV_ATR))
        _soak(10, f"0:{SELECT_MF}", f"1:{READ_CLOCK}")


def test_a_card_changed_while_pcscd_was_away_is_the_one_it_finds(tmp_path: Path) -> None:
    bench = _bench()
    with by_ccid(bench.reader, bench.reader.board.clock, tmp_path) as (serving, service):
        wait_for(SHOWN)
        service.stop()
        fresh = bench.card(ps_image(MAYA))
        serving.do(lambda: bench.reader.remove(Slot.PS))
        serving.do(lambda: bench.reader.remove(Slot.VITALE))
        serving.do(lambda: bench.reader.insert(Slot.PS, fresh))
        service.start()
        reach(service)
        wait_for(slots_show(s0=PS_ATR, s1=b"", s2=LOG_SV_ATR))


class RawHost:
    """A host that opens the pseudo-terminal itself, to send what libccid never would."""

    def __init__(self, path: Path) -> None:
        self._device = os.open(path, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self._device)
        self._cutter = FrameCutter(reader=False)

    def send(self, raw: bytes) -> None:
        """Send bytes."""
        os.write(self._device, raw)

    def hear(self, raw: bytes) -> Item:
        """Send bytes; the first thing said that is no news of cards."""
        self.send(raw)
        while True:
            for item in self._cutter.feed(os.read(self._device, 4096)):
                if not hasattr(item, "bits"):
                    return item

    def close(self) -> None:
        os.close(self._device)


def test_bad_frames_on_the_line_get_their_errors_and_then_pcscd_is_served(tmp_path: Path) -> None:
    bench = _bench()
    status = Request(Kind.GET_SLOT_STATUS, 0, 1)
    with served(bench.reader, bench.reader.board.clock, f"ccid:{tmp_path}/reader") as (_, doors):
        (door,) = doors
        assert isinstance(door, CcidDoor)
        for _ in range(3):
            host = RawHost(tmp_path / "reader")
            wrong = bytearray(frame_message(status.build()))
            wrong[-1] ^= 1
            cutter_says = FrameCutter(reader=False).feed(NAK_FRAME)[0]
            assert host.hear(bytes(wrong)) is cutter_says
            assert host.hear(frame_message(status.build())[:-4]) is cutter_says
            oversized = b"\x03\x06\x6f" + (70_000).to_bytes(4, "little") + bytes(200)
            answer = host.hear(oversized)
            assert isinstance(answer, bytes)
            assert Answer.parse(answer).command is CommandStatus.FAILED
            for request in (Request(0x42, 0, 2), Request(Kind.XFR_BLOCK, 3, 3, b"\x00\xa4\x00\x00")):
                answer = host.hear(frame_message(request.build()))
                assert isinstance(answer, bytes)
                assert Answer.parse(answer).command is CommandStatus.FAILED
            answer = host.hear(bytes(range(4, 60)) + frame_message(status.build()))
            assert isinstance(answer, bytes)
            assert Answer.parse(answer).command is CommandStatus.DONE
            host.close()
        host = RawHost(tmp_path / "reader")
        host.send(frame_message(status.build())[:7])
        host.close()
        with PrivatePcscd(door.configuration.read_text()) as service:
            reach(service)
            wait_for(SHOWN)
            assert "PKCS#15 Card" in said("pkcs15-tool", "--reader", "0", "--dump")


@pytest.mark.parametrize("mine", [True, False])
def test_the_configuration_leaves_with_the_link_unless_somebody_changed_it(
    tmp_path: Path, mine: bool
) -> None:
    reader = FakeReader()
    configuration = tmp_path / "reader.conf"
    with served(reader, reader.clock, f"ccid:{tmp_path}/reader"):
        lines = configuration.read_text().splitlines()
        assert len(lines) == 3
        assert lines[1].endswith(f"{tmp_path}/reader:GemCorePOSPro")
        if not mine:
            configuration.write_text("mine")
    assert configuration.exists() is not mine


@pytest.mark.parametrize("name", ["a blank", "René", "usb:1", "a,comma"])
def test_a_path_that_pcscd_could_not_read_is_refused_before_anything_is_made(
    tmp_path: Path, name: str
) -> None:
    reader = FakeReader()
    with pytest.raises(BadLink, match=name), served(reader, reader.clock, f"ccid:{tmp_path}/{name}"):
        pass
    assert list(tmp_path.iterdir()) == []
