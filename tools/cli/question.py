"""Questions to answer with yes or no, in the language spoken."""

from __future__ import annotations

from typing import Final

import typer

from tla_sim.tools.cli.output import note
from tla_sim.tools.cli.printable import printable
from tla_sim.tools.language import Language, colon, localise, spoken_language

_HINTS: Final = {
    (Language.EN, True): "[Y/n]",
    (Language.FR, True): "[O/n]",
    (Language.EN, False): "[y/N]",
    (Language.FR, False): "[o/N]",
}
_YES: Final = ("y", "yes", "o", "oui")
_NO: Final = ("n", "no", "non")


def confirm(question: str, *, by_itself: bool = True) -> bool:
    """Ask on standard error until the answer is yes or no, and return it. Enter alone means `by_itself`.
    Raises typer.Abort when input ends.
    """
    asked = f"{printable(localise(question))} {_HINTS[spoken_language(), by_itself]}"
    while True:
        said = typer.prompt(asked, default="", show_default=False, prompt_suffix=colon(), err=True)
        answer = said.strip().lower()
        if not answer:
            return by_itself
        if answer in (*_YES, *_NO):
            return answer in _YES
        note("Answer yes or no.")
