"""The option --state: the state directory of the reader that a verb runs itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.cli.reader_option import APPLICATION

if TYPE_CHECKING:
    from tla_sim.tools.simulator.kept_reader import KeptReader

StateOption = Annotated[
    Path | None,
    typer.Option(
        "--state",
        metavar="DIR",
        show_default=False,
        help="The reader's state directory, created on first use. Default: tla-sim/reader in "
        "the user's data directory.",
    ),
]


def state_path(given: Path | None) -> Path:
    """Return the given directory, or the default one."""
    import platformdirs

    return given or platformdirs.user_data_path(APPLICATION) / "reader"


def gone_cards(kept: KeptReader) -> list[str]:
    """Return a sentence for each card that was left in the reader and is no longer on disk."""
    from tla_sim.tools.simulator.kept_reader import WORD_OF

    return [
        Sentence("{path} is gone: the {slot} slot is empty.", path=path, slot=WORD_OF[slot])
        for slot, path in kept.gone.items()
    ]
