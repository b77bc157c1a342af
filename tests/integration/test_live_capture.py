"""Running readers captured live: by Wireshark's extcap, by a pipe, by many, and by followers that die."""

from __future__ import annotations

import io
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.integration.serving import wait_for
from tests.integration.simulator import ROOT, command, environment, simulator, tla
from tla_sim.host.client import ReaderClient
from tla_sim.host.transport import open_transport
from tla_sim.tools.capture.live.finding import find_running, list_running
from tla_sim.tools.capture.live.following import connect
from tla_sim.tools.capture.pcapng import read_packets
from tla_sim.tools.capture.pcsc_proxy import service_socket
from tla_sim.tools.capture.pcsc_slots import list_slot_names
from tla_sim.tools.cast import demo_practice
from tla_sim.tools.simulator.control.reader_control import ReaderControl
from tla_sim.tools.simulator.control.running_reader import RunningReader

PATIENCE = 60.0
# Wireshark lets root run no extcap: root is an ordinary user in a namespace of its own.
ORDINARY = ("unshare", "--user", "--map-user=1000", "--map-group=1000") if os.geteuid() == 0 else ()


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home and a runtime folder, short enough for sockets, with our extcap in it."""
    with tempfile.TemporaryDirectory(prefix="tla-live-") as made:
        home = Path(made)
        run = home / "run"
        run.mkdir(mode=0o700)
        extcap = home / ".config" / "wireshark" / "extcap" / "tla"
        extcap.parent.mkdir(parents=True)
        python = f"{shlex.quote(sys.executable)} -P -m tla_sim.tools.capture.extcap"
        extcap.write_text(f'#!/bin/sh\nexec {python} "$@"\n')
        extcap.chmod(0o755)
        monkeypatch.setenv("HOME", made)
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(run))
        monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, (str(ROOT / "src"), *sys.path))))
        yield home


def wireshark(*arguments: str | Path) -> list[str]:
    """The command line of tshark, as an ordinary user."""
    program = shutil.which("tshark")
    assert program is not None, "these tests need tshark: make test installs it"
    return [*ORDINARY, program, *map(str, arguments)]


def dissected(file: Path) -> list[str]:
    """What tshark makes of each frame, and that it finds nothing malformed or cut off."""
    done = subprocess.run(
        wireshark("-r", file, "-T", "fields", "-e", "_ws.col.Protocol", "-e", "_ws.malformed"),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert all(line.split("\t")[1:] in ([""], []) for line in lines), lines
    return lines


def exchange(url: str, count: int = 1) -> None:
    """Have the reader identify itself so many times."""
    with open_transport(url) as transport:
        client = ReaderClient(transport, os.urandom)
        for _ in range(count):
            client.identify()


@contextmanager
def following(*arguments: str | Path, out: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`tla trace follow` with its output in a file, which is followed when the block begins."""
    with out.open("wb") as file:
        process = subprocess.Popen(
            command("trace", "follow", *arguments),
            env=environment(),
            cwd=ROOT,
            stdout=file,
            stderr=subprocess.PIPE,
        )
    try:
        wait_for(lambda: out.stat().st_size or process.poll() is not None)
        assert process.poll() is None
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        assert process.stderr is not None
        process.stderr.close()


def packets(file: Path) -> int:
    """How many packets a capture has, which must be whole."""
    return len(list(read_packets(io.BytesIO(file.read_bytes()))))


def test_wireshark_lists_a_running_reader_and_captures_it(tmp_path: Path) -> None:
    with simulator(tmp_path / "reader", "tcp:0") as running:
        listed = subprocess.run(wireshark("-D"), capture_output=True, text=True, timeout=PATIENCE, check=True)
        (interface,) = (each for each in list_running())
        assert f"tla:{interface.id} (tla sim: reader, {running.urls[0]})" in listed.stdout
        file = tmp_path / "live.pcapng"
        capture = subprocess.Popen(
            wireshark("-i", f"tla:{interface.id}", "-c", "5", "-w", file),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

        def captured() -> bool:
            exchange(running.urls[0])
            return capture.poll() is not None

        wait_for(captured)
        assert capture.stderr is not None
        assert capture.returncode == 0, capture.stderr.read()
        capture.stderr.close()
    assert len(dissected(file)) >= 5


def test_a_pipe_reaches_wireshark_too(tmp_path: Path) -> None:
    file = tmp_path / "piped.pcapng"
    with simulator(tmp_path / "reader", "tcp:0") as running:
        follower = subprocess.Popen(
            command("trace", "follow"),
            env=environment(),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        capture = subprocess.Popen(
            wireshark("-i", "-", "-c", "3", "-w", file), stdin=follower.stdout, stderr=subprocess.DEVNULL
        )
        assert follower.stdout is not None
        follower.stdout.close()

        def captured() -> bool:
            exchange(running.urls[0])
            return capture.poll() is not None

        wait_for(captured)
        assert follower.wait(PATIENCE) == 0, "it ends when nobody reads any more"
    assert len(dissected(file)) >= 3


def test_a_follower_ends_with_its_reader(tmp_path: Path) -> None:
    file = tmp_path / "followed.pcapng"
    with ExitStack() as stack:
        with simulator(tmp_path / "reader", "tcp:0") as running:
            follower = stack.enter_context(following(running.urls[0], out=file))
            exchange(running.urls[0], 10)
        assert follower.wait(PATIENCE) == 0
    assert packets(file) == len(dissected(file)) == 21


def test_a_killed_reader_leaves_a_whole_capture_and_its_socket_goes(tmp_path: Path, home: Path) -> None:
    file = tmp_path / "killed.pcapng"
    process = subprocess.Popen(
        command("sim", "--state", tmp_path / "reader", "--link", "tcp:0", "--json"),
        env=environment(),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    said = [json.loads(process.stdout.readline())]
    while said[-1]["event"] != "serving":
        said.append(json.loads(process.stdout.readline()))
    url = next(each["url"] for each in said if each["event"] == "link")
    with following("reader", out=file) as follower:
        exchange(url, 5)
        wait_for(lambda: packets(file) == 11)
        process.kill()
        assert follower.wait(PATIENCE) == 0
    process.wait()
    process.stdin.close()
    process.stdout.close()
    assert len(dissected(file)) == 11
    assert list((home / "run" / "tla-sim").glob("*.sock")) != []
    assert list_running() == []
    assert list((home / "run" / "tla-sim").glob("*.sock")) == []


def test_followers_that_are_killed_or_do_not_read_harm_nobody(tmp_path: Path) -> None:
    file = tmp_path / "killed.pcapng"
    with simulator(tmp_path / "reader", "tcp:0") as running, connect(find_running().path):
        with following(out=file) as follower:
            exchange(running.urls[0])
            follower.kill()
            follower.wait(PATIENCE)
        exchange(running.urls[0], 300)
    assert packets(file) <= 3


def test_twenty_followers_get_the_same(tmp_path: Path) -> None:
    with ExitStack() as stack:
        with simulator(tmp_path / "reader", "tcp:0") as running:
            path = find_running().path
            followers = [stack.enter_context(connect(path)) for _ in range(20)]
            # Who has the first byte is followed by everything that comes.
            got = [each.recv(1) for each in followers]
            exchange(running.urls[0], 10)
        for number, each in enumerate(followers):
            while data := each.recv(1 << 16):
                got[number] += data
    found = [[packet.data for packet in read_packets(io.BytesIO(each))] for each in got]
    assert {len(each) for each in found} == {21}
    assert all(each == found[0] for each in found)


def test_where_the_folder_is_open_to_others_the_reader_runs_all_the_same(tmp_path: Path, home: Path) -> None:
    folder = home / "run" / "tla-sim"
    folder.mkdir()
    folder.chmod(0o755)
    with simulator(tmp_path / "reader", "tcp:0") as running:
        assert "cannot be followed" in running.output
        exchange(running.urls[0])
    assert "others can look into it" in tla("trace", "follow", "--out", tmp_path / "x.pcapng", expect=2)


def test_a_running_reader_of_the_bench_is_found_and_followed() -> None:
    with RunningReader(ReaderControl.in_memory(demo_practice(), seed=1, name="reader-1")) as reader:
        http = "http://127.0.0.1:8080/v1/readers/reader-1"
        reader.announce("tla web", http).result(PATIENCE)
        url = reader.open_link("tcp:0").result(PATIENCE).url
        assert find_running(http).path == find_running(url).path == find_running("reader-1").path
        got = bytearray()
        with connect(find_running(url).path) as connection:
            got += connection.recv(1)
            exchange(url, 3)
            reader.close()
            while data := connection.recv(1 << 16):
                got += data
    found = list(read_packets(io.BytesIO(got)))
    assert len(found) == 7
    assert list_running() == []


def test_readers_that_run_are_listed(tmp_path: Path) -> None:
    with simulator(tmp_path / "reader", "tcp:0") as running:
        listed, _ = json.JSONDecoder().raw_decode(tla("readers", "--json"))
        found = [each for each in listed if each["way"] == "running"]
        assert [each["url"] for each in found] == running.urls
        with simulator(tmp_path / "other", "tcp:0"):
            told = tla("trace", "follow", "--out", tmp_path / "x.pcapng", expect=2)
            assert "reader: " in told
            assert "other: " in told


def test_what_a_program_exchanges_with_pcsc_is_heard(tmp_path: Path) -> None:
    file = tmp_path / "pcsc.pcapng"
    with simulator(tmp_path / "reader", arguments=("--pcscd",)) as running:
        wait_for(lambda: "export PCSCLITE" in running.output)
        socket = running.output.partition("PCSCLITE_CSOCK_NAME=")[2].split()[0]
        os.environ["PCSCLITE_CSOCK_NAME"], before = socket, os.environ.get("PCSCLITE_CSOCK_NAME")
        try:
            wait_for(lambda: "running" in tla("readers") and "PC/SC" in tla("readers"))
            slot = next(line for line in tla("readers").splitlines() if "pcsc:" in line and "PC/SC" in line)
            assert slot
            tla("trace", "pcsc", "--out", file, "--", *command("identify", "--reader", "pcsc:"))
        finally:
            if before is None:
                del os.environ["PCSCLITE_CSOCK_NAME"]
            else:
                os.environ["PCSCLITE_CSOCK_NAME"] = before
    lines = dissected(file)
    assert len(lines) >= 3
    assert lines[0].startswith("ISO 7816")


def test_the_exit_code_of_a_tapped_program_is_passed_on() -> None:
    tla("trace", "pcsc", "--", sys.executable, "-c", "raise SystemExit(7)", expect=7)


def test_the_blocks_below_come_when_they_are_asked_for(tmp_path: Path) -> None:
    deep, plain = tmp_path / "deep.pcapng", tmp_path / "plain.pcapng"
    with ExitStack() as stack:
        with simulator(tmp_path / "reader", "tcp:0") as running:
            stack.enter_context(following("--level", "t1", out=deep))
            stack.enter_context(following(out=plain))
            exchange(running.urls[0], 2)
        wait_for(lambda: packets(plain) == 5)
    names = {packet.interface.name for packet in read_packets(io.BytesIO(deep.read_bytes()))}
    assert len(names) == 2
    assert any("T=1" in name for name in names)
    assert packets(deep) > 5


@contextmanager
def extcap(interface: str, file: Path, *arguments: str | Path) -> Iterator[subprocess.Popen[bytes]]:
    """The extcap as Wireshark runs it, with a file where it has its pipe; it is stopped at the end."""
    file.touch()
    process = subprocess.Popen(
        [
            *(sys.executable, "-P", "-m", "tla_sim.tools.capture.extcap", "--capture"),
            *("--extcap-interface", interface, "--fifo", str(file), *map(str, arguments)),
        ],
        stderr=subprocess.PIPE,
    )
    try:
        wait_for(lambda: file.stat().st_size or process.poll() is not None)
        yield process
        process.terminate()
        assert process.stderr is not None
        assert process.wait(PATIENCE) == 0, process.stderr.read()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        assert process.stderr is not None
        process.stderr.close()


def test_the_extcap_taps_a_serial_port(tmp_path: Path, home: Path) -> None:
    file, device, peer = tmp_path / "serial.pcapng", home / "reader", home / "program"
    with (
        simulator(tmp_path / "reader", f"pty:{device}"),
        extcap(f"tla-serial:{device}", file, "--peer", f"pty:{peer}"),
    ):
        wait_for(peer.exists)
        exchange(f"serial:{peer}")
    names = {packet.interface.name for packet in read_packets(io.BytesIO(file.read_bytes()))}
    assert any("Log_SV" in name for name in names)
    assert any("T=1" in name for name in names)
    dissected(file)


def test_the_extcap_taps_a_pcsc_slot(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, tap = tmp_path / "pcsc.pcapng", home / "run" / "tap"
    with simulator(tmp_path / "reader", arguments=("--pcscd",)) as running:
        wait_for(lambda: "export PCSCLITE" in running.output)
        monkeypatch.setenv(
            "PCSCLITE_CSOCK_NAME", running.output.partition("PCSCLITE_CSOCK_NAME=")[2].split()[0]
        )
        wait_for(lambda: "Log_SV" in tla("readers"))
        listed, _ = json.JSONDecoder().raw_decode(tla("readers", "--json"))
        slot = next(each["name"] for each in listed if each["url"] == "pcsc:" and each["way"] != "running")
        assert slot in list_slot_names(service_socket())
        with extcap(f"tla-pcsc:{quote(slot, safe='')}", file, "--socket", tap):
            wait_for(tap.exists)
            monkeypatch.setenv("PCSCLITE_CSOCK_NAME", str(tap))
            tla("identify", "--reader", "pcsc:")
    assert {packet.interface.name for packet in read_packets(io.BytesIO(file.read_bytes()))} == {
        f"pcsc:{slot} Log_SV"
    }
    dissected(file)


def test_a_followed_capture_is_named_as_one(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    assert "ends in .pcapng" in tla("trace", "follow", "--out", file, expect=2)
    assert not file.exists()
