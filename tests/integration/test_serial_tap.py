"""`tla trace serial` between a real program and a real reader, on pseudo-terminals."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import threading
import tty
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.integration.serving import served, socat_pair
from tests.integration.simulator import ROOT, command, environment, simulator, tla
from tla_sim.host.transport import open_transport
from tla_sim.protocol.lad import Lad
from tla_sim.tools.capture.pcapng import read_packets

PATIENCE = 60
CODE = b"2938"
VERIFY = bytes.fromhex("0020008108") + CODE + b"\xff" * 4
OK = b"\x90\x00"


@contextmanager
def tapping(*arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    """Run the tap; at the end of the block it has ended, or is stopped with Ctrl-C."""
    process = subprocess.Popen(
        command("trace", "serial", *arguments),
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        said = process.stderr.readline()
        assert said.startswith("Tapping between"), said + process.stderr.read()
        yield process
    finally:
        process.kill()
        process.wait(PATIENCE)


def stop(process: subprocess.Popen[str]) -> str:
    process.send_signal(signal.SIGINT)
    out, problems = process.communicate(timeout=PATIENCE)
    assert (process.returncode, problems) == (0, "")
    return out


def done(_lad: Lad, _apdu: bytes) -> tuple[bytes, int]:
    return OK, 0


def test_a_program_and_a_reader_are_heard(tmp_path: Path) -> None:
    program, reader, file = tmp_path / "program", tmp_path / "reader", tmp_path / "t.pcapng"
    with served(f"pty:{reader}", answer=done), tapping(f"pty:{program}", reader, "--out", file) as process:
        with open_transport(f"serial:{program}") as transport:
            assert transport.transmit(VERIFY, Lad.PS) == OK
        out = stop(process)
    assert "> PS     VERIFY  00 20 00 81 08 FF FF FF FF FF FF FF FF" in out
    assert "host>PS S(RESYNCH request)" in out
    assert "!" not in out
    packets = list(read_packets(file.open("rb")))
    assert {packet.interface.name for packet in packets} == {f"pty:{program} T=1", f"pty:{program} PS"}
    assert CODE not in file.read_bytes()
    assert CODE.hex(" ") not in out


def test_a_whole_verb_runs_through_the_tap(tmp_path: Path) -> None:
    program, reader = tmp_path / "program", tmp_path / "reader"
    with simulator(tmp_path / "state", f"pty:{reader}"), tapping(f"pty:{program}", reader) as process:
        assert "TLA-SIM" in tla("identify", "--reader", f"serial:{program}")
        out = stop(process)
    assert "> Log_SV identify" in out
    assert "< Log_SV 9000 Done" in out


def test_two_serial_ports_are_tapped(tmp_path: Path) -> None:
    reader = tmp_path / "reader"
    with (
        served(f"pty:{reader}", answer=done),
        socat_pair(tmp_path) as (program, near),
        tapping(f"serial:{near}", reader, "--baud", "115200") as process,
    ):
        with open_transport(f"serial:{program}?baud=115200") as transport:
            assert transport.transmit(VERIFY, Lad.PS) == OK
        assert "> PS     VERIFY" in stop(process)


def test_every_event_is_a_line_of_json_and_the_last_one_sums_up(tmp_path: Path) -> None:
    program, reader = tmp_path / "program", tmp_path / "reader"
    options = ("--edc", "lrc", "--json")
    with served(f"pty:{reader}?edc=lrc"), tapping(f"pty:{program}", reader, *options) as process:
        with open_transport(f"serial:{program}?edc=lrc") as transport:
            transport.transmit(bytes.fromhex("00B0000000"), Lad.VITALE)
        events = [json.loads(line) for line in stop(process).splitlines()]
    assert [event["event"] for event in events].count("command") == 1
    assert next(event for event in events if event["event"] == "command")["command"] == "READ BINARY"
    assert not any(event.get("wrong") for event in events)
    assert events[-1]["event"] == "summary"
    assert events[-1]["program"]["apdus"] == events[-1]["reader"]["apdus"] == 1


@contextmanager
def noisy_line(far: Path) -> Iterator[str]:
    """A terminal whose bytes go to another one, every 40th of them damaged, and back undamaged."""
    device = os.open(far, os.O_RDWR | os.O_NOCTTY)
    master, slave = pty.openpty()
    waker, woken = os.pipe()
    tty.setraw(slave)

    def carry() -> None:
        count = 0
        while woken not in (ready := select.select([master, device, woken], [], [])[0]):
            if device in ready:
                os.write(master, os.read(device, 4096))
            if master in ready:
                damaged = bytearray(os.read(master, 4096))
                for at in range(len(damaged)):
                    count += 1
                    damaged[at] ^= 0x04 * (count % 40 == 0)
                os.write(device, damaged)

    thread = threading.Thread(target=carry)
    thread.start()
    try:
        yield os.ttyname(slave)
    finally:
        os.close(waker)
        thread.join()
        for handle in (device, master, slave, woken):
            os.close(handle)


def test_a_noisy_line_is_marked_and_shows_no_code(tmp_path: Path) -> None:
    program, reader, file = tmp_path / "program", tmp_path / "reader", tmp_path / "t.pcapng"
    # The noise is between the program and the tap, so that the tap hears it.
    options = ("--out", file, "--json")
    with served(f"pty:{reader}", answer=done), tapping(f"pty:{program}", reader, *options) as process:
        with noisy_line(program) as device, open_transport(f"serial:{device}") as transport:
            for _ in range(6):
                assert transport.transmit(VERIFY, Lad.PS) == OK
        events = [json.loads(line) for line in stop(process).splitlines()]
    assert events[-1]["program"]["errors"] > 0
    assert [event for event in events if event.get("wrong")]
    assert sum(event["event"] == "command" for event in events) == 6
    assert CODE not in file.read_bytes()
    assert CODE.hex() not in json.dumps(events)


def test_a_port_that_disappears_is_said_in_one_sentence(tmp_path: Path) -> None:
    program, reader, file = tmp_path / "program", tmp_path / "reader", tmp_path / "t.pcapng"
    with ExitStack() as server:
        server.enter_context(served(f"pty:{reader}", answer=done))
        with tapping(f"pty:{program}", reader, "--out", file) as process:
            with open_transport(f"serial:{program}") as transport:
                transport.transmit(VERIFY, Lad.VITALE)
            server.close()
            out, problems = process.communicate(timeout=PATIENCE)
    assert process.returncode == 3
    assert problems == f"The port {reader} went away. Check the cable, then start again. (SSV F101)\n"
    assert "the reader" in out
    assert len(list(read_packets(file.open("rb")))) >= 6
    assert not program.is_symlink()


def test_a_port_that_is_not_there_is_said(tmp_path: Path) -> None:
    missing, file = tmp_path / "missing", tmp_path / "t.pcapng"
    said = tla("trace", "serial", f"pty:{tmp_path / 'program'}", str(missing), "--out", str(file), expect=3)
    assert f"The port {missing} does not exist" in said
    assert "said by" not in said
    assert not file.exists()
    assert not (tmp_path / "program").exists()


def test_a_file_of_another_name_is_refused(tmp_path: Path) -> None:
    said = tla("trace", "serial", "pty:/tmp/x", "/dev/null", "--out", str(tmp_path / "t.bin"), expect=2)
    assert "ends in .pcapng" in said
