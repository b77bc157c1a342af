"""`tla web` as a process: it serves, says so, and ends in good order."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.serving import PATIENCE
from tests.integration.simulator import ROOT, command, environment, tla


@contextmanager
def web(*arguments: str | Path) -> Iterator[tuple[subprocess.Popen[str], list[dict[str, str]]]]:
    """Run `tla web --json` until the block ends, and give what it told until it served."""
    process = subprocess.Popen(
        command("web", "--json", *arguments),
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        told: list[dict[str, str]] = []
        assert process.stdout is not None
        while not told or told[-1]["event"] != "serving":
            told.append(json.loads(process.stdout.readline()))
        yield process, told
    finally:
        process.kill()
        process.wait(PATIENCE)


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_in_good_order_while_somebody_follows_its_events(stop: signal.Signals) -> None:
    with web() as (process, told):
        url = told[-1]["url"]
        with urllib.request.urlopen(f"{url}v1/readers/reader-1/events", timeout=PATIENCE) as events:
            assert events.readline() == b": tla\n"
            process.send_signal(stop)
            output, errors = process.communicate(timeout=PATIENCE)
            assert events.read().strip() == b""
        assert (process.returncode, errors) == (0, "")
        assert json.loads(output) == {"event": "off"}


@pytest.mark.parametrize("options", [(), ("--json",)], ids=["text", "json"])
def test_it_goes_on_when_nobody_reads_what_it_prints(options: tuple[str, ...]) -> None:
    with subprocess.Popen(
        command("web", *options),
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            url = re.search(r"http://[^\s\"]+", process.stdout.readline())
            process.stdout.close()
            assert url is not None
            with urllib.request.urlopen(f"{url[0]}v1/status", timeout=PATIENCE) as answer:
                assert answer.status == 200
            process.terminate()
            assert (process.wait(PATIENCE), process.stderr.read()) == (0, "")
        finally:
            process.kill()


def test_it_ends_in_good_order_when_its_terminal_is_closed(tmp_path: Path) -> None:
    terminal, inside = pty.openpty()
    with (tmp_path / "errors").open("w+", encoding="utf-8") as errors:
        process = subprocess.Popen(
            ["env", "--default-signal=HUP", "setsid", "-c", *command("web")],
            cwd=ROOT,
            env=environment(),
            stdin=inside,
            stdout=inside,
            stderr=errors,
        )
        try:
            os.close(inside)
            shown = b""
            while b"Ctrl-C" not in shown:
                shown += os.read(terminal, 1000)
            os.close(terminal)
            assert process.wait(PATIENCE) == 0
            errors.seek(0)
            assert errors.read() == ""
        finally:
            process.kill()
            process.wait()


def test_readers_on_disk_keep_what_was_done_to_them(tmp_path: Path) -> None:
    for _ in range(2):
        with web("--state", tmp_path / "Maya's reader", "--link", "tcp:0") as (process, told):
            assert told[0]["url"].startswith("socket://127.0.0.1:")
            with urllib.request.urlopen(f"{told[-1]['url']}v1/readers", timeout=PATIENCE) as answer:
                (reader,) = json.load(answer)["readers"]
            assert (reader["name"], reader["kept"]) == ("maya-s-reader", str(tmp_path / "Maya's reader"))
            process.terminate()
            assert process.wait(PATIENCE) == 0


def test_a_port_that_is_in_use_is_said_in_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = tla("web", "--port", str(port), expect=2)
    assert said == (f"Port {port} of 127.0.0.1 is in use. Choose another one, or 0 for any free one.\n")


@pytest.mark.parametrize("host", ["example.org", "256.1.1.1", "", "192.0.2.1"])
def test_an_address_that_cannot_be_served_is_said_in_one_sentence(host: str) -> None:
    said = tla("web", "--host", host, expect=2)
    assert said.count("\n") == 1
    assert "Traceback" not in said


def test_without_the_extra_it_says_what_to_install() -> None:
    hidden = "import sys; sys.modules['fastapi'] = None; sys.argv[1:] = ['web']; "
    program = f"{hidden}from tla_sim.tools.cli.entry import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "tla web needs packages that are not installed: fastapi. "
        "In the project's folder, install them with: pip install '.[web]'.\n"
    )
