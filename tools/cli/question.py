"""Questions that are answered with yes or no, in the language spoken."""

from __future__ import annotations

from typing import Final

import typer

from tla_sim.tools.cli.output import note
from tla_sim.tools.cli.printable import printable
from tla_sim.tools.language import Language, colon, spoken, translated

_HINT: Final = {Language.EN: "[Y/n]", Language.FR: "[O/n]"}
_YES: Final = ("", "y", "yes", "o", "oui")
_NO: Final = ("n", "no", "non")


def agreed(question: str) -> bool:
    """Whether the person agrees; Enter alone does. Asked on standard error until the answer is one. Raises
    typer.Abort when there is none to come."""
    asked = f"{printable(translated(question))} {_HINT[spoken()]}"
    while True:
        said = typer.prompt(asked, default="", show_default=False, prompt_suffix=colon(), err=True)
        answer = said.strip().lower()
        if answer in (*_YES, *_NO):
            return answer in _YES
        note("Answer yes or no.")
