"""The practice's pages, step by step, as they are written, from an empty folder to the answer."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.simulator import simulator, tla
from tests.mail_server import Mailbox, mail_server
from tests.scans import image_bytes, page, scan_pdf, signature_png

ROOT = Path(__file__).parents[2]
PAGES = {
    "en": (ROOT / "docs" / "how-to" / "desk.md").read_text("utf-8"),
    "fr": (ROOT / "docs" / "fr" / "bureau.md").read_text("utf-8"),
}
BLOCKS, FRENCH_BLOCKS = (re.findall(r"```bash\n(.*?)```", page, re.DOTALL) for page in PAGES.values())
SHOWING_THE_TABLE = "tla desk --list 3 --owner 75629690\n"

EXAMPLE = (ROOT / "docs" / "how-to" / "desk-python.md").read_text("utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "signature.png").write_bytes(signature_png())
    (tmp_path / "ordonnance-martin.jpg").write_bytes(image_bytes(page()))
    (tmp_path / "ordonnance-desmaux.pdf").write_bytes(scan_pdf(page((1700, 2400))))
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "tla"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tla_sim.tools.cli.entry "$@"\n')
    command.chmod(0o755)
    return tmp_path


def run(folder: Path, script: str, **environment: str) -> str:
    env = {
        **os.environ,
        "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
        "PRACTICE": str(ROOT / "tools" / "cast" / "practice.json"),
        "TLA_LANG": "en",
        **environment,
    }
    done = subprocess.run(
        ["bash", "-euc", script],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_both_pages_have_people_type_the_same() -> None:
    assert FRENCH_BLOCKS == BLOCKS


def test_the_pages_go_the_whole_way_and_their_tables_come_out_line_for_line(folder: Path) -> None:
    setting = BLOCKS[0].splitlines()[0]
    last = next(index for index, block in enumerate(BLOCKS) if "tla arl make" in block)
    typed = "".join(BLOCKS[:last])
    assert typed.count(SHOWING_THE_TABLE) == 1
    typed = typed.replace(SHOWING_THE_TABLE, f"{SHOWING_THE_TABLE}TLA_LANG=fr {SHOWING_THE_TABLE}")
    with mail_server(Mailbox()) as box:
        shown = run(folder, typed, MAIL=f"127.0.0.1:{box.port}")
    listed = [" ".join(line.split()) for line in shown.splitlines()]
    tables = [re.findall(r"^\| (1902.*|1903.*) \|$", page, re.MULTILINE) for page in PAGES.values()]
    assert [len(table) for table in tables] == [4, 4]
    places = [listed.index(" ".join(line.replace("|", " ").split())) for table in tables for line in table]
    assert places == sorted(places)
    (message,) = box.messages
    (attachment,) = [each for each in message.walk() if each.get_filename()]
    arrived = folder / "arrived.zip"
    content = attachment.get_payload(decode=True)
    assert isinstance(content, bytes)
    arrived.write_bytes(content)
    answered = run(folder, "".join((setting, "\n", *BLOCKS[last:])), ARRIVED=str(arrived))
    assert "3 documents accepted, 1 rejected" in answered
    assert len(list((folder / "outbox").iterdir())) == 1


def test_the_python_page_goes_its_way_without_the_command(folder: Path) -> None:
    practice = (ROOT / "tools" / "cast" / "practice.json").read_bytes()
    (folder / "practice.json").write_bytes(practice)
    (folder / "ordonnance.jpg").write_bytes((folder / "ordonnance-martin.jpg").read_bytes())
    tla("cards", "issue", folder / "practice.json", "--out", folder / "cards", "--pooled")
    (script,) = re.findall(r"```python\n(.*?)```", EXAMPLE, re.DOTALL)
    card = folder / "cards" / "cps-piqure2969-maya.card"
    with simulator(folder / "reader", f"pty:{folder / 'port'}", arguments=("--cps", card)):
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert "190305028 MARTIN PAUL green green" in done.stdout
    (file,) = (folder / "outbox").iterdir()
    assert "All signatures of 1 lot and 1 document are valid." in tla("lot", "show", file)
