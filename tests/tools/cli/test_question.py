"""Questions that are answered with yes or no, in either language."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tla_sim.tools.cli.question import confirm
from tla_sim.tools.language import Language, speak


@pytest.fixture
def language() -> Iterator[None]:
    yield
    speak(Language.EN)


@pytest.mark.usefixtures("language")
@pytest.mark.parametrize("spoken", Language)
@pytest.mark.parametrize(
    ("answers", "by_itself", "said"),
    [
        (["y"], False, True),
        (["YES "], False, True),
        (["o"], False, True),
        (["Oui"], False, True),
        (["n"], True, False),
        (["non"], True, False),
        ([""], True, True),
        ([""], False, False),
        (["what?", "si", "o"], False, True),
    ],
)
def test_yes_and_no_are_understood_in_both_languages(
    monkeypatch: pytest.MonkeyPatch, spoken: Language, answers: list[str], by_itself: bool, said: bool
) -> None:
    speak(spoken)
    coming, asked = iter(answers), []

    def prompt(text: str, **_: object) -> str:
        asked.append(text)
        return next(coming)

    monkeypatch.setattr("tla_sim.tools.cli.question.typer.prompt", prompt)
    assert confirm("Load them too?", by_itself=by_itself) is said
    yes = "y" if spoken is Language.EN else "o"
    assert asked[0].endswith(f"[{yes.upper()}/n]" if by_itself else f"[{yes}/N]")
    assert len(asked) == len(answers)
