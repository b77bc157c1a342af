"""The server as a process: a reader on a line, several programs, `tla` beside it, kills on both sides."""

from __future__ import annotations

import json
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import tla_sim
from tests.integration.serving import wait_for
from tests.integration.simulator import tla
from tests.integration.ssv.server_process import (
    program_command,
    server_process,
    silent_reader,
)
from tla_sim.host.ssv.caller import Caller, CallLost, ServerMissing
from tla_sim.host.ssv.functions import IDENTIFIER_TLA, LIRE_CARTE_PS, LIRE_DATE_LECTEUR
from tla_sim.protocol.groups.zone import decode_zone

DATE = {"reader": "Log_SV"}
CARD = {"ps_resource": "CPS", "reader": "Log_SV", "code": "1234"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the server's socket is to be."""
    return tmp_path / "s" / "socket"


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[tla_sim.SimulatedReader]:
    """A reader on a serial line of 115200 baud, with the nurse's card."""
    with tla_sim.SimulatedReader.served(f"pty:{tmp_path / 'line'}?baud=115200") as reader:
        reader.insert_ps("PIQURE2969")
        yield reader


def test_programs_and_tla_share_a_reader_on_a_line(
    reader: tla_sim.SimulatedReader, path: Path, tmp_path: Path
) -> None:
    trace = tmp_path / "calls.txt"
    url = reader.urls[0]
    with server_process(path, "--reader", url, "--trace", trace, "--ledger", tmp_path / "l.db") as server:
        assert server.of("listening") == [{"event": "listening", "socket": str(path), "reader": url}]
        card = json.loads(tla("ssv", "call", "SIS_LireCartePS", "CPS", "Log_SV", "--socket", path, "--json"))
        assert card["code"] == "0000"
        (holder, *situations) = card["outputs"]["answer"]["groups"]
        assert (holder["group"], {each["group"] for each in situations}) == (1, {2})
        assert "PIQURE2969" in [each["value"] for each in holder["fields"]]

        busy = tla("identify", "--reader", url, expect=3)
        assert "SSV 800C" in busy or "SSV 0004" in busy, busy
        wait_for(lambda: "TLA-SIM" in tla_or_nothing("identify", "--reader", url))
        shown = tla("ssv", "call", "SSV_LireDateLecteur", "Log_SV", "--socket", path)
        assert "SSV_LireDateLecteur: 0000" in shown

        called = server.wait_for("call", 2)
        assert [each["function"] for each in called] == ["SSV_LireCartePS", "SSV_LireDateLecteur"]
        assert {each["program"] for each in called} == {"tla"}
        assert server.end() == 0
        assert server.of("stopped")
        assert not path.exists()
    told = trace.read_text()
    assert stat.S_IMODE(trace.stat().st_mode) == 0o600
    assert "code = ****" in told
    assert "1234" not in told
    assert "PIQURE2969" in told


def tla_or_nothing(*arguments: str) -> str:
    """What `tla` says, empty while the reader is held."""
    try:
        return tla(*arguments)
    except AssertionError:
        return ""


def test_two_programs_call_at_once(reader: tla_sim.SimulatedReader, path: Path, tmp_path: Path) -> None:
    with server_process(path, "--reader", reader.urls[0], "--ledger", tmp_path / "l.db"):
        codes: list[int] = []

        def program() -> None:
            with Caller(path) as caller:
                for _ in range(5):
                    codes.append(caller.call(LIRE_CARTE_PS, CARD).code)
                    answer = caller.call(IDENTIFIER_TLA, {"reader": "Log_SV", "cdc_version": ""})
                    codes.append(answer.code)
                    assert decode_zone(answer.outputs["answer"])

        threads = [threading.Thread(target=program) for _ in range(2)]
        for each in threads:
            each.start()
        for each in threads:
            each.join(60)
    assert codes == [0] * 20


def test_a_killed_server_leaves_the_call_uncertain_and_a_new_one_takes_its_place(path: Path) -> None:
    with silent_reader() as silent:
        with server_process(path, "--reader", silent.url) as server, Caller(path) as caller:
            lost: list[CallLost] = []

            def program() -> None:
                try:
                    caller.call(LIRE_DATE_LECTEUR, DATE)
                except CallLost as error:
                    lost.append(error)

            thread = threading.Thread(target=program)
            thread.start()
            silent.taken()
            server.end(signal.SIGKILL)
            thread.join(60)
            assert [each.ssv for each in lost] == [0x0040]
        assert path.exists(), "what a killed server leaves"
        with pytest.raises(ServerMissing):
            Caller(path)
    with server_process(path, "--reader", "serial:/dev/none"), Caller(path) as caller:
        assert caller.call(LIRE_DATE_LECTEUR, DATE).code == 0x800C


def test_a_killed_program_ends_its_call_and_holds_nobody_up(path: Path) -> None:
    with silent_reader() as silent, server_process(path, "--reader", silent.url) as server:
        program = program_command(path, "SSV_LireDateLecteur", "Log_SV")
        silent.taken()
        program.kill()
        program.wait(60)
        with Caller(path) as caller:
            # Its call holds the turn until the reader's side ends.
            assert caller.call(LIRE_DATE_LECTEUR, DATE).code == 0x0004
            silent.let_go()
            killed = next(each for each in server.wait_for("call", 2) if each["process"] == program.pid)
            assert (killed["heard"], killed["program"]) == (False, "tla")
            assert killed["code"] in ("0040", "0200", "0400", "F101")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_in_good_order(path: Path, number: int) -> None:
    with server_process(path, "--reader", "serial:/dev/none") as server, Caller(path) as caller:
        assert caller.call(LIRE_DATE_LECTEUR, DATE).code == 0x800C
        assert server.end(number) == 0
        assert [each["event"] for each in server.events] == ["listening", "call", "stopped"]
        assert not path.exists()


def test_a_second_server_is_refused(path: Path) -> None:
    with server_process(path, "--reader", "serial:/dev/none"):
        said = tla("ssv", "serve", "--socket", path, "--reader", "serial:/dev/none", expect=2)
        assert "Another server is serving on" in said


def test_a_mistake_in_galss_ini_is_told_and_goes_away_with_it(path: Path, tmp_path: Path) -> None:
    galss = tmp_path / "galss.ini"
    with server_process(path, "--galss", galss) as server:
        said = tla("ssv", "call", "SSV_LireDateLecteur", "Log_SV", "--socket", path, expect=2)
        assert said.startswith("SSV_InitLIB: 8001 galss.ini is missing or cannot be read\n")
        tla("galss", "write", "--reader", f"serial:{tmp_path / 'none'}", "--out", tmp_path)
        said = tla("ssv", "call", "SSV_LireDateLecteur", "Log_SV", "--socket", path, expect=3)
        assert "800C" in said
        assert server.wait_for("call")[0]["code"] == "800C"


def test_no_core_of_the_server_can_be_written_or_looked_at(path: Path) -> None:
    with server_process(path, "--reader", "serial:/dev/none") as server:
        limits = Path(f"/proc/{server.process.pid}/limits").read_text().splitlines()
        assert [line.split()[4:6] for line in limits if line.startswith("Max core")] == [["0", "0"]]
    asking = "import ctypes; keep_out_of_cores(); print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    done = subprocess.run(
        [sys.executable, "-c", f"from tla_sim.tools.cli.ssv_serve import keep_out_of_cores; {asking}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "0\n", "PR_GET_DUMPABLE"
