"""The command line as a whole: every verb is there, says what it does, and fails in one sentence."""

from __future__ import annotations

import ast
import importlib
import importlib.metadata
import json
import os
import signal
import subprocess
import sys
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
import typer

import tla_sim
from tests.samples import make_practice_tree
from tests.tools.cli.command_line import ROOT, command, tla, tla_process
from tla_sim.host.practice import file
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.errors import ConnectionLost, NoAnswer, ReaderHeld, StatusError, TlaError
from tla_sim.reader_fw.app.software.profiles import PROFILES
from tla_sim.tools.cli import failure
from tla_sim.tools.cli.app import VERBS
from tla_sim.tools.cli.version import VERSION_LINE


def test_version_is_answered_before_anything_is_imported() -> None:
    code = (
        "import sys; sys.argv = ['tla', '--version']\n"
        "from tla_sim.tools.cli.entry import main\n"
        "before = set(sys.modules)\n"
        "main(); print(sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == f"{VERSION_LINE}\n[]\n"


def test_the_version_imports_no_more_than_it_tells() -> None:
    code = (
        "import sys; sys.argv = ['tla', '--version']\n"
        "import __future__, tla_sim; before = set(sys.modules)\n"
        "from tla_sim.tools.cli.entry import main\n"
        "main(); print(*set(sys.modules) - before)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    packages = {"reader_fw", "reader_fw.app", "reader_fw.app.software", "tools", "tools.cli"}
    modules = {"reader_fw.app.software.newest", "tools.cli.entry", "tools.cli.version"}
    assert set(done.stdout.splitlines()[-1].split()) == {f"tla_sim.{each}" for each in packages | modules}


def test_ctrl_c_at_the_very_start_shows_no_traceback() -> None:
    code = (
        "import sys; import tla_sim.tools.language.process as process\n"
        "def stop(arguments): raise KeyboardInterrupt\n"
        "process.settle = stop\n"
        "from tla_sim.tools.cli.entry import main\n"
        "sys.exit(main())"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, "")


def test_the_version_is_the_products_and_beside_it_that_of_the_newest_reader_software() -> None:
    newest = max((each for each in PROFILES if not each.altered), key=lambda each: each.version)
    said = f"tla {importlib.metadata.version('tla-sim')} (reader software {newest.version})"
    assert tla("--version").stdout == f"{said}\n"
    assert tla("--lang", "fr", "--version").stdout == f"{said}\n"
    assert tla_process("--version").stdout == f"{said}\n"


def test_the_distribution_takes_its_version_from_the_same_place() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["tool"]["setuptools"]["dynamic"]["version"]["attr"] == "tla_sim.__version__"
    assert importlib.metadata.version("tla-sim") == tla_sim.__version__
    assert project["project"]["scripts"]["tla"] == "tla_sim.tools.cli.entry:main"


@pytest.mark.parametrize("name", VERBS)
def test_every_verb_has_help_in_whole_sentences(name: str) -> None:
    result = tla(name, "--help")
    assert result.exit_code == 0
    module = importlib.import_module(f"tla_sim.tools.cli.{name}")
    assert isinstance(module.verb, typer.Typer)
    for each in module.verb.registered_commands:
        assert each.callback is not None
        first = (each.callback.__doc__ or "").strip().splitlines()[0]
        assert first.endswith((".", ":")), f"{name}: {first}"


def test_help_breaks_its_lines_where_the_terminal_ends() -> None:
    done = tla_process("push", "--help", COLUMNS="79")
    lines = done.stdout.splitlines()
    start = next(number for number, line in enumerate(lines) if "complementary part" in line)
    words = [line.split() for line in lines[start : start + 4]]
    assert all(
        sum(len(word) + 1 for word in line) + len(after[0]) > 75 for line, after in pairwise(words) if after
    )


def test_help_lists_the_verbs_in_the_order_of_a_round() -> None:
    result = tla("--help")
    assert result.exit_code == 0
    places = [result.output.index(f"\n  {name} ") for name in VERBS]
    assert places == sorted(places)


def test_every_verb_file_is_listed() -> None:
    """A file that defines `verb` and is in no list would never run."""
    files = [
        path.stem
        for path in (ROOT / "tools" / "cli").glob("*.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "verb"
    ]
    assert sorted(files) == sorted(VERBS)


def test_an_unknown_verb_is_wrong_usage_and_a_near_one_is_proposed() -> None:
    result = tla("practise")
    assert result.exit_code == 2
    assert "'practice'" in result.output


def test_wrong_usage_ends_with_2_in_a_process_too() -> None:
    done = tla_process("practice", "check")
    assert done.returncode == 2
    assert "FILE" in done.stderr
    assert not done.stdout


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (StatusError(Status.VITALE_ABSENT), 1, "(SSV F011)"),
        (StatusError(0x63C2), 1, "2 tries left"),
        (StatusError(0x63C1), 1, "1 try left"),
        (NoAnswer("The reader does not answer", "Check the cable"), 3, "(SSV 0400)"),
        (ReaderHeld("Held", "Wait"), 3, "(SSV 0004)"),
        (ConnectionLost("Gone", "Plug it in"), 3, "Plug it in."),
        (failure.UsageProblem("No such owner", "Name one of: 1"), 2, "Name one of: 1."),
    ],
)
def test_a_failure_is_one_sentence_with_its_exit_code(
    error: TlaError, code: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file, "practice_schema", _raising(error))
    result = tla("practice", "schema")
    assert result.exit_code == code
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not result.stdout


def test_with_json_a_failure_is_json_on_standard_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "load_practice", _raising(StatusError(Status.TAMPERED)))
    result = tla("practice", "check", "x", "--json")
    assert result.exit_code == 1
    assert not result.stdout
    said = json.loads(result.stderr)
    assert said == {
        "code": "status-error",
        "category": "refused",
        "error": Status.TAMPERED.en,
        "action": Status.TAMPERED.en_action,
        "exit": 1,
        "ssv": None,
    }


def test_a_full_disk_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    full = OSError(28, "No space left on device", "/var/ledger.sqlite")
    monkeypatch.setattr(file, "practice_schema", _raising(full))
    result = tla("practice", "schema")
    assert result.exit_code == 2
    assert result.stderr.startswith("/var/ledger.sqlite: No space left on device.")


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), typer.Abort()])
def test_ctrl_c_says_that_the_next_run_goes_on(stop: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    """Abort is what a prompt makes of it."""
    monkeypatch.setattr(file, "practice_schema", _raising(stop))
    result = tla("practice", "schema")
    assert result.exit_code == 130
    assert "run the same command again" in result.stderr


def test_ctrl_c_in_a_process_ends_with_130(tmp_path: Path) -> None:
    pipe = tmp_path / "practice.json"
    os.mkfifo(pipe)
    code = (
        "import sys, time; from tla_sim.tools.cli import app; from tla_sim.host.practice import file\n"
        "file.practice_schema = lambda: (print('ready', flush=True), time.sleep(60))\n"
        "sys.argv = ['tla', 'practice', 'schema']; sys.exit(app.run())"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=30)
    assert process.returncode == 130
    assert stderr.startswith("Stopped.")


@pytest.mark.parametrize(("debug", "traceback"), [("", False), ("1", True)])
@pytest.mark.parametrize("in_thread", [False, True])
def test_a_fault_of_the_program_is_owned_up_to_without_a_traceback(
    debug: str, traceback: bool, in_thread: bool
) -> None:
    schema = "lambda: fail()"
    if in_thread:
        schema = "lambda: [thread := threading.Thread(target=fail), thread.start(), thread.join()] and {}"
    code = (
        "import sys, threading; from tla_sim.tools.cli import app; from tla_sim.host.practice import file\n"
        "fail = lambda: 1 // 0\n"
        f"file.practice_schema = {schema}\n"
        "sys.argv = ['tla', 'practice', 'schema']; sys.exit(app.run())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "TLA_DEBUG": debug},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == (0 if in_thread else 70)
    assert done.stderr.splitlines()[-1].startswith("Internal error of tla (ZeroDivisionError). Please report")
    assert ("Traceback" in done.stderr) is traceback


def test_a_reader_of_the_output_that_goes_away_is_no_failure_to_explain() -> None:
    with subprocess.Popen(
        command("practice", "schema"), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""
    assert process.returncode == 141


def test_text_from_files_cannot_steer_the_terminal(tmp_path: Path) -> None:
    tree = make_practice_tree()
    file = tmp_path / "\x1b[2Jx.json"
    tree["invoices"][0]["owner"] = "\x1b]0;owned\x07"
    file.write_text(json.dumps(tree))
    result = tla("practice", "check", file)
    assert result.exit_code == 2
    assert "\x1b" not in result.output
    assert "\x07" not in result.output


def _raising(error: BaseException) -> object:
    def fail(*_: object) -> None:
        raise error

    return fail


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["push"], "Missing argument 'PRACTICE'. Try: tla push --help"),
        (["nosuch"], "No such command 'nosuch'. Try: tla --help"),
        (["identify", "--nope"], "No such option: --nope. Try: tla identify --help"),
        (
            ["push", "x", "--others", "maybe"],
            "Invalid value for '--others': 'maybe' is not one of 'ask', 'yes', 'no'. Try: tla push --help",
        ),
    ],
)
def test_wrong_usage_is_one_plain_sentence(arguments: list[str], sentence: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "tla_sim.tools.cli.entry", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr.strip(), ran.stdout) == (2, sentence, "")


@pytest.mark.parametrize(
    ("arguments", "said", "action"),
    [
        (("identify", "--nope", "--json"), "No such option: --nope", "Try: tla identify --help"),
        (
            ("profiles", "--json", "{place}"),
            "Got unexpected extra argument(s) ({place})",
            "Try: tla profiles --help",
        ),
    ],
)
def test_wrong_usage_is_json_for_a_program(arguments: tuple[str, ...], said: str, action: str) -> None:
    done = tla_process(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert json.loads(done.stderr) == {
        "code": "usage-problem",
        "category": "bad-input",
        "error": said,
        "action": action,
        "exit": 2,
        "ssv": None,
    }


def test_a_number_of_thousands_of_digits_is_wrong_usage() -> None:
    done = tla_process("demo", "--seed", "9" * 5000)
    assert done.returncode == 2
    assert "Internal error" not in done.stderr
