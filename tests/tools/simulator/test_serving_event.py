"""What `tla sim --json` says: an event a line, every line one of those declared, codes nowhere."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.integration.simulator import command, environment
from tla_sim.tools.simulator.serving_event import ServingEvent, event_line, parse_event


@given(st.sampled_from(ServingEvent), st.dictionaries(st.sampled_from(["line", "said", "url"]), st.text()))
def test_an_event_is_read_as_it_was_written(event: ServingEvent, fields: dict[str, str]) -> None:
    line = event_line(event, **fields)
    assert "\n" not in line
    assert parse_event(line) == (event, fields)


@given(st.text() | st.sampled_from(['{"event": "nothing"}', "[]", "{}", '{"event": []}', "3"]))
def test_a_line_that_is_no_event_is_passed_over(line: str) -> None:
    assert parse_event(line) is None


def test_a_program_follows_a_reader_from_its_start_to_its_end(tmp_path: Path) -> None:
    lines = ("show", "code 7091", "nonsense", "insert cps no-such.card", "screen")
    with subprocess.Popen(
        command("sim", "--state", tmp_path / "reader", "--link", "tcp:0", "--seed", "7", "--json"),
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("".join(f"{line}\n" for line in lines))
        process.stdin.flush()
        told: list[dict[str, Any]] = []
        for line in process.stdout:
            told.append(json.loads(line))
            if told[-1].get("number") == len(lines):
                process.send_signal(signal.SIGTERM)
        assert process.stderr is not None
        assert process.stderr.read() == ""
    kinds = [each["event"] for each in told]
    assert kinds[0] == "link"
    assert told[0]["url"] == f"socket://{told[0]['address']}"
    assert kinds.index("seed") < kinds.index("serving")
    assert {each["number"]: each["event"] for each in told if "number" in each} == {
        1: "step",
        2: "step",
        3: "failed",
        4: "failed",
        5: "step",
    }
    (shown,) = (each for each in told if each.get("line") == "show")
    assert shown["said"][0] == "power   on"
    assert any("not a word of the script" in each.get("error", "") for each in told)
    assert all(each["action"] for each in told if each["event"] == "failed")
    assert {(each["code"], each["category"]) for each in told if each["event"] == "failed"} == {
        ("script-error", "bad-input"),
        ("script-failed", "refused"),
    }
    assert all([len(row) for row in each["lines"]] == [20] * 4 for each in told if each["event"] == "screen")
    assert kinds[-1] == "off"
    assert "7091" not in json.dumps(told)
    assert process.returncode == 1, "a line failed, and nobody sat at a terminal to see it"


def test_a_link_that_cannot_be_served_is_one_sentence_with_its_code(tmp_path: Path) -> None:
    done = subprocess.run(
        command("sim", "--state", tmp_path / "reader", "--link", "usb:1", "--json"),
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert json.loads(done.stderr)["exit"] == 2


@pytest.mark.parametrize("event", ServingEvent)
def test_every_event_is_on_the_page(event: ServingEvent) -> None:
    page = (Path(__file__).parents[3] / "docs" / "how-to" / "practice-software.md").read_text("utf-8")
    assert f'"event": "{event.value}"' in page or f"`{event.value}`" in page
