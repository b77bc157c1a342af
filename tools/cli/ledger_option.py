"""The option --ledger: opening the practice's ledger."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from tla_sim.tools.cli.damage import watch
from tla_sim.tools.cli.failure import UsageProblem
from tla_sim.tools.cli.reader_option import APPLICATION

if TYPE_CHECKING:
    from tla_sim.host.ledger.ledger import Ledger

VARIABLE: Final = "TLA_LEDGER"
_DEFAULT: Final = "ledger.sqlite"
_HELP: Final = f"Default: {APPLICATION}/{_DEFAULT} in the user's data directory."

LedgerOption = Annotated[
    Path | None,
    typer.Option(
        "--ledger",
        metavar="FILE",
        envvar=VARIABLE,
        show_default=False,
        help=f"The practice's ledger, created if it does not exist. {_HELP}",
    ),
]
KnownLedgerOption = Annotated[
    Path | None,
    typer.Option(
        "--ledger",
        metavar="FILE",
        envvar=VARIABLE,
        show_default=False,
        help=f"The practice's ledger. {_HELP}",
    ),
]
LedgerArgument = Annotated[
    Path | None,
    typer.Argument(metavar="FILE", envvar=VARIABLE, show_default=False, help=f"The ledger. {_HELP}"),
]


def ledger_path(path: Path | None) -> Path:
    """Return the given path, or the default one after creating its directory."""
    import platformdirs

    if path is not None:
        return path
    directory = platformdirs.user_data_path(APPLICATION)
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    return directory / _DEFAULT


def open_ledger(path: Path | None) -> Ledger:
    """Open the ledger at a path, by default the user's, creating it if it does not exist. Raises
    LedgerUnusable.
    """
    from tla_sim.host.ledger.ledger import Ledger

    book = Ledger.open(ledger_path(path))
    watch(book)
    return book


def open_known_ledger(path: Path | None) -> Ledger:
    """Open a ledger that must exist already, so that a mistyped name does not create a new one.

    Raises UsageProblem when it does not exist, LedgerUnusable.
    """
    if not ledger_path(path).exists():
        raise UsageProblem(
            "There is no ledger {path}", "Push or certify something first", path=ledger_path(path)
        )
    return open_ledger(path)
