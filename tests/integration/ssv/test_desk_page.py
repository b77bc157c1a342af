"""The C program of the page about the functions at the desk: it compiles as it stands there, and does it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

import tla_sim
from tests.integration.simulator import ROOT, tla
from tests.integration.ssv.library_kit import compile_program, environment
from tests.integration.ssv.server_process import server_process
from tla_sim.host.sending.lot_file import read_file, verify_file
from tla_sim.host.ssv.build import Built

PAGE = ROOT / "docs/how-to/ssv-desk.md"


@pytest.fixture
def program(tmp_path: Path, built: Built) -> Path:
    """The page's program."""
    source = tmp_path / "desk.c"
    source.write_text(PAGE.read_text("utf-8").partition("```c\n")[2].partition("```")[0])
    return compile_program(source, tmp_path / "desk", built)


def test_it_certifies_and_writes_the_file_to_send(program: Path, tmp_path: Path) -> None:
    path, book = tmp_path / "s" / "socket", tmp_path / "ledger.db"
    answer, outbox = tmp_path / "answer.arl", tmp_path / "out"

    def run(out: Path) -> bytes:
        done = subprocess.run(
            [program, out],
            input="1234\n",
            capture_output=True,
            text=True,
            env=environment(path),
            check=False,
        )
        assert (done.returncode, done.stdout) == (0, "COMPLETE\n"), done.stderr
        return out.read_bytes()

    with tla_sim.SimulatedReader.served("tcp:0") as reader:
        reader.insert_ps("PIQURE2969")
        reader.insert_vitale("MARTIN")
        with server_process(path, "--reader", reader.urls[0], "--ledger", book):
            file = run(tmp_path / "file.zip")
            (verified,) = verify_file(read_file(file), tla_sim.TrustAnchors.shipped())
            assert [each.invoice.number for each in verified.documents] == ["190305910"]
            assert run(tmp_path / "again.zip") == file
            assert "was given to a program" in tla("send", "--ledger", book, "--out", outbox, expect=3)
            tla("arl", "make", tmp_path / "file.zip", "--out", answer)
            reader.power_off()
            told = json.loads(
                tla("ssv", "call", "SSV_TraduireARL", "--zone", answer, "--socket", path, "--json")
            )
            assert told["code"] == "0000"
    with tla_sim.Ledger.open(book) as ledger:
        assert [each.state.name for each in ledger.documents()] == ["TRANSMITTED"]
