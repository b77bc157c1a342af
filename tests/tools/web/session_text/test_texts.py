"""A session told as text and played from it shows the same screens, and says so when it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tools.cli.command_line import tla
from tests.tools.web.session_text.recorded import CODE, made, play_round
from tla_sim.tools.web.session_text.session import Shown
from tla_sim.tools.web.session_text.text import read_session, session_text

pytest_plugins = ["pytester"]


def told(kind: str, folder: Path, profile: str = "1.40") -> str:
    with made(profile=profile) as control:
        play_round(control, folder)
        assert sum(isinstance(step, Shown) for step in read_session(control).steps) > 10
        return session_text(control, kind)


def play_visit(text: str, folder: Path) -> tuple[int, str]:
    file = folder / "session.txt"
    file.write_text(text, "utf-8")
    (command,) = [line for line in text.splitlines() if "tla visit" in line]
    arguments = [str(file) if word == "FILE" else word for word in command.removeprefix("#").split()[1:]]
    result = tla(*arguments, code=CODE)
    return result.exit_code, result.output


@pytest.mark.parametrize("profile", ["1.40", "1.31"])
def test_the_visit_script_plays_as_it_is(profile: str, tmp_path: Path) -> None:
    code, output = play_visit(told("visit", tmp_path, profile), tmp_path)
    assert code == 0, output
    assert CODE not in output.split()


def test_the_visit_script_ends_where_a_screen_is_another(tmp_path: Path) -> None:
    text = told("visit", tmp_path).replace("expect CODE PORTEUR FAUX", "expect CODE PORTEUR BON")
    code, output = play_visit(text, tmp_path)
    assert code == 1
    assert "expected 'CODE PORTEUR BON" in output


def test_the_pytest_test_passes_as_it_is(pytester: pytest.Pytester) -> None:
    text = told("pytest", pytester.path)
    pytester.makepyfile(test_session=text)
    pytester.runpytest_subprocess("-p", "no:randomly").assert_outcomes(passed=1)
    pytester.makepyfile(test_session=text.replace('"CODE PORTEUR FAUX"', '"CODE PORTEUR BON"'))
    pytester.runpytest_subprocess("-p", "no:randomly").assert_outcomes(failed=1)
