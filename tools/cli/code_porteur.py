"""The code porteur: prompted for without echo, from TLA_CODE, from a file, or typed at the reader.

No option takes the code itself: every user of the machine could read it in the list of processes.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from tla_sim.protocol.errors import StatusError
from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.cli.failure import UsageProblem
from tla_sim.tools.cli.output import note
from tla_sim.tools.cli.printable import printable
from tla_sim.tools.language import colon, localise

if TYPE_CHECKING:
    from tla_sim.host.client import ReaderClient
    from tla_sim.protocol.commands.cards import PsCardData

VARIABLE: Final = "TLA_CODE"
_MAX_FILE: Final = 64
"""Most bytes of a file with a code, in any encoding: a larger file is some other file, given by mistake."""

CodeFileOption = Annotated[
    Path | None,
    typer.Option(
        "--code-file",
        metavar="FILE",
        show_default=False,
        help=f"Read the code porteur from FILE instead of asking for it or taking it from {VARIABLE}.",
    ),
]
CodeAtReaderOption = Annotated[
    bool,
    typer.Option("--code-at-reader", metavar="", help="Have the code porteur typed on the reader's keypad."),
]


def authenticate(client: ReaderClient, code_file: Path | None, at_reader: bool) -> PsCardData:
    """Verify the code porteur of the card in the PS slot, asking for it if nothing else provides it.

    Raises StatusError for a card that is absent, blocked or refuses the code, CodeFormatError for a malformed
    code, UsageProblem when there is no code, LinkError.
    """
    from tla_sim.host.round.sign import PsCardHolder
    from tla_sim.protocol.commands.status import Status

    if at_reader and code_file is not None:
        raise UsageProblem("--code-file and --code-at-reader exclude each other", "Give one of them")
    card = client.read_ps_card()
    if card.tries_left == 0:
        raise StatusError(Status.CODE_BLOCKED)
    holder = PsCardHolder.of(card)
    if at_reader:
        note(
            Sentence(
                "Type the code porteur of {holder} on the reader's keypad, then VAL.", holder=holder.name
            )
        )
        return client.verify_code_at_reader()
    code = code_from(code_file, lambda: _ask(holder.name, card.tries_left))
    return client.verify_code(code, card)


def ask_plainly() -> str:
    """Ask on the terminal for the code of an unknown card. Raises UsageProblem without a terminal."""
    return _asked(
        Sentence("Code porteur"),
        Sentence("Give it in {variable} or with --code-file FILE", variable=VARIABLE),
    )


def given_code() -> str:
    """Return the code porteur of TLA_CODE, where nobody can be asked.

    Raises UsageProblem, CodeFormatError.
    """
    return code_from(None, _refuse)


def _refuse() -> str:
    raise UsageProblem(
        "There is no code porteur to type",
        "Give it in {variable}, or write its digits behind the word",
        variable=VARIABLE,
    )


def code_from(file: Path | None, ask: Callable[[], str]) -> str:
    """Return the code porteur from a file, from TLA_CODE, or as `ask` asks for it.

    Raises CodeFormatError, UsageProblem, FileUnusable.
    """
    from tla_sim.protocol.code_format import check_code

    if file is not None:
        return _from_file(file)
    given = os.environ.get(VARIABLE)
    return check_code(given) if given else ask()


def _from_file(path: Path) -> str:
    from tla_sim.host.text_file import NotText, certain_text
    from tla_sim.host.whole_file import read_whole
    from tla_sim.protocol.code_format import check_code

    content = read_whole(path, _MAX_FILE)
    found = path.stat()
    if stat.S_ISREG(found.st_mode) and stat.S_IMODE(found.st_mode) & 0o077:
        note(Sentence("Warning: others may read {path}. Protect it with: chmod 600 {path}", path=path))
    try:
        return check_code(certain_text(content).strip())
    except NotText:
        # What is in it is never shown.
        raise UsageProblem(
            "{path} is not a text file with a code porteur",
            "Save only the digits, as UTF-8 text",
            path=path,
        ) from None


def _ask(name: str, tries: int) -> str:
    left = Sentence("Code porteur of {name} (1 try left)", name=name)
    question = (
        left
        if tries == 1
        else Sentence("Code porteur of {name} ({tries} tries left)", name=name, tries=tries)
    )
    advice = Sentence(
        "Give it in {variable}, with --code-file FILE, or with --code-at-reader", variable=VARIABLE
    )
    return _asked(question, advice)


def _asked(question: Sentence, advice: Sentence) -> str:
    import getpass

    from tla_sim.protocol.code_format import check_code

    if not sys.stdin.isatty():
        raise UsageProblem("There is no terminal on which to ask for the code porteur", advice)
    return check_code(getpass.getpass(f"{printable(localise(question))}{colon()}"))
