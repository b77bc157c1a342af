"""What a verb loads before it does anything: nothing that it does not use. By names, never by the clock."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

from tests.tools.cli.command_line import ROOT, tla
from tla_sim.tools.cli.app import SUMMARIES, VERBS, summaries

_RUN = """
import sys
from tla_sim.tools.cli.entry import main
try:
    code = main()
finally:
    with open({answer!r}, "w") as file:
        file.write(chr(10).join(sorted(sys.modules)))
sys.exit(code)
"""

TERMINAL = ("rich", "pygments", "markdown_it", "typer.rich_utils")
VALUES = ("pydantic", "pydantic_core", "annotated_types", "typer._adapters")
WIRE = ("construct",)
SECRETS = ("cryptography", "_cffi_backend")
CERTIFICATES = ("cryptography.x509", "cryptography.hazmat.primitives.serialization")
FILES = ("PIL", "fpdf", "pypdfium2", "sqlite3")
LINES = ("serial", "smartcard", "socket", "ssl", "asyncio")
REST = ("littlefs", "importlib.metadata", "importlib_metadata", "platformdirs", "multiprocessing", "email")
CATALOGUE = ("tla_sim.tools.language.french",)
NOTHING_OF_A_ROUND = (*TERMINAL, *VALUES, *WIRE, *SECRETS, *FILES, *LINES, *REST)

AT_HAND = (
    *("tla_sim", "tla_sim.tools", "tla_sim.tools.cli", "tla_sim.tools.language"),
    *("tla_sim.protocol", "tla_sim.protocol.errors", "tla_sim.protocol.sentence", "tla_sim.host"),
    *("tla_sim.host.park", "tla_sim.host.park.limits", "tla_sim.tools.explore"),
    "tla_sim.tools.explore.subjects",
    *("tla_sim.reader_fw", "tla_sim.reader_fw.app", "tla_sim.reader_fw.app.software"),
    "tla_sim.reader_fw.app.software.newest",
    *("tla_sim.tools.capture", "tla_sim.tools.capture.level"),
)
"""What help may load of this project, beside the files of `tools/cli` and `tools/language`."""


def loaded(tmp_path: Path, *arguments: str, **environment: str) -> list[str]:
    """The modules that a process of `tla` had when it ended."""
    answer = tmp_path / "modules"
    code = _RUN.format(answer=str(answer))
    clean = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        env={**clean, "TLA_LANG": "en", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return answer.read_text("utf-8").splitlines()


def found_of(rooms: Sequence[str], modules: Sequence[str]) -> list[str]:
    """Those of the modules that are one of `rooms`, or in one."""
    return [each for each in modules if each in rooms or each.startswith(tuple(f"{room}." for room in rooms))]


def test_what_is_forbidden_exists() -> None:
    """A name that is misspelt, or gone, forbids nothing."""
    for name in (*NOTHING_OF_A_ROUND, *CERTIFICATES, *CATALOGUE, *AT_HAND):
        if name != "importlib_metadata":
            assert _exists(name), name


@cache
def _exists(name: str) -> bool:
    done = subprocess.run([sys.executable, "-c", f"import {name}"], capture_output=True, check=False)
    return done.returncode == 0


@pytest.mark.share(3)
@pytest.mark.parametrize("name", VERBS)
def test_help_loads_its_verb_and_no_room(name: str, tmp_path: Path) -> None:
    modules = loaded(tmp_path, name, "--help")
    assert found_of((*NOTHING_OF_A_ROUND, *CATALOGUE, "json"), modules) == []
    ours = found_of(("tla_sim",), modules)
    near = found_of(("tla_sim.tools.cli", "tla_sim.tools.language"), modules)
    assert [each for each in ours if each not in (*near, *AT_HAND)] == []
    assert "tla_sim.tools.cli.table" not in modules


def test_the_list_of_verbs_loads_none_of_them(tmp_path: Path) -> None:
    modules = loaded(tmp_path, "--help")
    assert found_of((*NOTHING_OF_A_ROUND, *CATALOGUE), modules) == []
    assert found_of([f"tla_sim.tools.cli.{name}" for name in VERBS], modules) == []
    ours = found_of(("tla_sim",), modules)
    near = found_of(("tla_sim.tools.cli", "tla_sim.tools.language"), modules)
    assert [each for each in ours if each not in (*near, *AT_HAND)] == []


def test_help_in_french_loads_the_catalogue_and_the_status_words_it_has(tmp_path: Path) -> None:
    for arguments in (("--help",), ("identify", "--help")):
        modules = loaded(tmp_path, *arguments, TLA_LANG="fr")
        assert found_of(NOTHING_OF_A_ROUND, modules) == []
        ours = found_of(("tla_sim.protocol", "tla_sim.host", "tla_sim.reader_fw"), modules)
        status = ("tla_sim.protocol.commands", "tla_sim.protocol.commands.status")
        assert [each for each in ours if each not in (*AT_HAND, *status)] == []


def test_the_versions_are_listed_without_a_reader(tmp_path: Path) -> None:
    for options in ((), ("--json",)):
        modules = loaded(tmp_path, "profiles", *options)
        assert found_of((*NOTHING_OF_A_ROUND, *CATALOGUE), modules) == []
        assert ("json" in modules) is bool(options)
        ours = found_of(("tla_sim.protocol", "tla_sim.host", "tla_sim.reader_fw"), modules)
        assert [each for each in ours if each not in AT_HAND] == [
            *(["tla_sim.host.park.abilities"] if not options else []),
            "tla_sim.protocol.commands",
            "tla_sim.protocol.commands.capability",
            "tla_sim.protocol.commands.instructions",
            "tla_sim.protocol.version",
            "tla_sim.reader_fw.app.software.profile",
            "tla_sim.reader_fw.app.software.profiles",
        ]


def test_readers_are_looked_for_without_one(tmp_path: Path) -> None:
    modules = loaded(tmp_path, "readers", HOME=str(tmp_path))
    used = ("serial", "smartcard", "platformdirs", "email", "socket")
    assert found_of([each for each in NOTHING_OF_A_ROUND if each not in used], modules) == []
    assert found_of(CATALOGUE, modules) == []
    ours = found_of(("tla_sim.protocol", "tla_sim.reader_fw", "tla_sim.host"), modules)
    assert [each for each in ours if each not in AT_HAND and "transport" not in each] == [
        "tla_sim.protocol.lad",
        "tla_sim.protocol.log_sv_atr",
    ]


def test_a_reader_of_this_machine_loads_what_it_runs_and_no_more(tmp_path: Path) -> None:
    reader = f"state:{tmp_path / 'reader'}"
    loaded(tmp_path, "identify", "--reader", reader)
    modules = loaded(tmp_path, "identify", "--reader", reader)
    assert found_of((*TERMINAL, *VALUES, *CERTIFICATES, *FILES, *CATALOGUE), modules) == []
    assert found_of(("serial", "smartcard", "ssl", "asyncio", "platformdirs"), modules) == []
    protocol = ("cards", "certifying", "command_set", "loading", "unloading", "updating")
    groups = ("dictionary", "invoice", "lot", "ps_card", "vitale")
    documents = ("certificates", "fse", "invoice", "lot", "verification")
    firmware = (
        "card_access",
        "card_dialogue",
        "certification",
        "inserted_cards",
        "store.invoice_index",
        "store.patients_met",
    )
    rooms = [
        *(f"tla_sim.protocol.commands.{name}" for name in protocol),
        *(f"tla_sim.protocol.groups.{name}" for name in groups),
        *(f"tla_sim.protocol.documents.{name}" for name in documents),
        *(f"tla_sim.reader_fw.app.{name}" for name in firmware),
        *(f"tla_sim.reader_fw.app.handlers.{name}" for name in protocol if name != "command_set"),
        *(f"tla_sim.reader_fw.{name}" for name in ("cards", "links", "serve")),
        *(f"tla_sim.host.{name}" for name in ("desk", "ledger", "practice", "round", "sending", "ssv")),
        *(f"tla_sim.tools.{name}" for name in ("cards", "cast", "demo", "fuzz", "testing", "visit")),
        *("tla_sim.protocol.code_channel", "tla_sim.protocol.t1", "tla_sim.tools.faults.plan"),
        *("tla_sim.host.documents", "tla_sim.host.transport.tap", "tla_sim.tools.faults.reader"),
    ]
    assert found_of(rooms, modules) == []


def test_the_list_of_verbs_has_them_all_in_their_order() -> None:
    assert tuple(summaries()) == VERBS
    assert all(text.endswith((".", ":")) for text in summaries().values())
    assert SUMMARIES.is_file()


def test_a_verb_without_a_summary_on_file_is_in_the_list_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = {name: text for name, text in summaries().items() if name != "galss"}
    monkeypatch.setattr("tla_sim.tools.cli.app.summaries", lambda: known)
    result = tla("--help", COLUMNS="200")
    assert result.exit_code == 0
    assert " ".join(summaries()["galss"].split()) in " ".join(result.stdout.split())
