"""A disk that fails: the command says what the system said, of which file, and the next run goes on."""

from __future__ import annotations

import errno
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from tests.tools.cli.command_line import tla
from tests.tools.simulator.kept_kit import issue, make_reader, practice_tree
from tla_sim.tools.cast.people import CODE
from tla_sim.tools.cli import app as command_line
from tla_sim.tools.cli import failure

ERRNOS = (
    *(errno.ENOSPC, errno.EIO, errno.EROFS, errno.EACCES, errno.EDQUOT),
    *(errno.EMFILE, errno.ENOTDIR, errno.ENOMEM, errno.ESTALE, errno.EFBIG),
)
OWNER = "75629690"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A practice whose nurse's card is in the reader."""
    (tmp_path / "practice.json").write_text(json.dumps(practice_tree()))
    issue(tmp_path / "cards")
    make_reader(tmp_path / "reader")
    (card,) = (tmp_path / "cards").glob("cps-piqure*")
    slots = {"format": 1, "cps": str(card), "vitale": None}
    (tmp_path / "reader" / "slots.json").write_text(json.dumps(slots))
    return tmp_path


def run(home: Path, *arguments: str | Path, lang: str = "en") -> Result:
    places = {"TLA_READER": f"state:{home / 'reader'}", "TLA_LEDGER": str(home / "ledger.sqlite")}
    return tla("--lang", lang, *arguments, code=CODE, **places)


def failing(real: Callable[..., Any], number: int, nth: int, counted: list[int]) -> Callable[..., Any]:
    """What the system's call does, but for its n-th time."""

    def call(*arguments: Any, **options: Any) -> Any:
        counted[0] += 1
        if counted[0] == nth:
            raise OSError(number, os.strerror(number))
        return real(*arguments, **options)

    return call


@pytest.mark.parametrize("number", ERRNOS)
def test_a_card_file_that_cannot_be_written_is_named(
    home: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    with monkeypatch.context() as patch:

        def refuse(*_: object, **__: object) -> None:
            raise OSError(number, os.strerror(number))

        patch.setattr("tla_sim.tools.cards.file.replace_file", refuse)
        for lang in ("en", "fr"):
            result = run(home, "erase", "--owner", OWNER, lang=lang)
            assert result.exit_code == 2
            assert "cps-piqure2969-maya.card" in result.stderr
            assert "F004" not in result.stderr
            if lang == "en":
                assert os.strerror(number).lower() in result.stderr
    assert run(home, "erase", "--owner", OWNER).exit_code == 0


@pytest.mark.share(3)
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("call", ["fsync", "mkstemp", "replace", "fchmod"])
def test_each_call_that_writes_fails_once(
    home: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    where: dict[str, tuple[Any, str]] = {
        "fsync": (os, "fsync"),
        "mkstemp": (tempfile, "mkstemp"),
        "replace": (Path, "replace"),
        "fchmod": (os, "fchmod"),
    }
    place, name = where[call]
    for nth in range(1, 1000):
        counted = [0]
        with monkeypatch.context() as patch:
            patch.setattr(place, name, failing(getattr(place, name), number, nth, counted))
            results = [
                run(home, "push", home / "practice.json"),
                run(home, "erase", "--owner", OWNER),
            ]
        for result in results:
            assert isinstance(result.exception, SystemExit | None), repr(result.exception)
            assert result.exit_code in (0, 2), result.stderr
            if result.exit_code:
                assert os.strerror(number).lower() in result.stderr.lower()
                assert str(home) in result.stderr
        assert run(home, "push", home / "practice.json").exit_code == 0
        assert run(home, "erase", "--owner", OWNER).exit_code == 0
        assert not list(home.rglob("*.tla-part"))
        if counted[0] < nth:
            break
    assert nth > 1


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.EIO, os.strerror(errno.EIO), "/x/y"), "/x/y: Input/output error"),
        (ImportError("x.so: failed to map segment from shared object"), "x.so: failed to map segment"),
        (MemoryError(), "not enough memory"),
    ],
)
def test_what_the_system_does_not_give_is_no_fault_of_the_program(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception, said: str
) -> None:
    def refuse(_: object) -> None:
        raise error

    monkeypatch.setattr("typer.main.get_command", refuse)
    assert command_line.run() == failure.UNUSABLE
    told = capsys.readouterr().err
    assert said in told
    assert "Internal error" not in told
