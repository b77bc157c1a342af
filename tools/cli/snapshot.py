"""tla snapshot"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tla_sim.protocol.sentence import Sentence, sentences
from tla_sim.tools.cli.output import JsonOption, print_facts, print_json, print_line, print_table
from tla_sim.tools.cli.state_option import StateOption, state_path
from tla_sim.tools.cli.verb import new_verb

if TYPE_CHECKING:
    from tla_sim.tools.simulator.history.snapshot_state import Header

verb = new_verb("Keep a reader as it is now, and go back to it: snapshots of a state directory.")

NameArgument = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        help="The snapshot's name, or a file that ends in .snapshot.",
        show_default=False,
    ),
]
FoundArgument = Annotated[
    str,
    typer.Argument(metavar="NAME", help="The snapshot's name, or a file with one.", show_default=False),
]


@verb.command()
def save(name: NameArgument, state: StateOption = None, as_json: JsonOption = False) -> None:
    """Take a snapshot of the reader, which must be off, with the cards in its slots.

    Under a name it is kept in the state directory. The file holds private test keys, so only you may read
    it; it holds no code porteur. Another machine can restore it.
    """
    from tla_sim.tools.simulator.kept_snapshots import save_state, snapshot_path

    home = state_path(state)
    path = snapshot_path(home, name)
    _tell(path, save_state(home, path), as_json)


@verb.command()
def restore(name: FoundArgument, state: StateOption = None, as_json: JsonOption = False) -> None:
    """Have the reader be as it was when a snapshot was taken, with the cards that were in its slots.

    A state directory that does not exist is created, with the cards in files of its own. In the reader's
    own directory the files of its cards go back, too.
    """
    from tla_sim.tools.simulator.kept_snapshots import find_snapshot, restore_state

    home = state_path(state)
    path = find_snapshot(home, name)
    _tell(path, restore_state(home, path), as_json)


@verb.command()
def show(name: FoundArgument, state: StateOption = None, as_json: JsonOption = False) -> None:
    """Show what a snapshot says of itself: reader software, clock, screen, seed of the reader."""
    from tla_sim.tools.simulator.history.snapshot_file import read_header
    from tla_sim.tools.simulator.kept_snapshots import find_snapshot

    path = find_snapshot(state_path(state), name)
    _tell(path, read_header(path), as_json)


@verb.command("list")
def list_(state: StateOption = None, as_json: JsonOption = False) -> None:
    """List the snapshots that are kept in the state directory."""
    from tla_sim.protocol.errors import TlaError
    from tla_sim.protocol.moment import moment_text
    from tla_sim.tools.simulator.kept_snapshots import kept_snapshots

    found = list(kept_snapshots(state_path(state)))
    if as_json:
        print_json(
            [
                {"name": each.name, "file": str(each.path)}
                | (
                    {"problem": str(each.header.message)}
                    if isinstance(each.header, TlaError)
                    else each.header.model_dump()
                )
                for each in found
            ]
        )
        return
    if not found:
        print_line(Sentence("No snapshot is kept here."))
        return
    print_table(
        sentences("name", "software", "reader's clock", "screen"),
        [
            (each.name, "", "", each.header.message)
            if isinstance(each.header, TlaError)
            else (
                each.name,
                each.header.release or Sentence("unknown"),
                moment_text(each.header.clock_ms),
                " ".join(" ".join(each.header.screen).split()) or Sentence("off"),
            )
            for each in found
        ],
    )


def _tell(path: Path, header: Header, as_json: bool) -> None:
    from tla_sim.protocol.moment import moment_text
    from tla_sim.tools.language import localise

    if as_json:
        print_json({"file": str(path)} | header.model_dump())
        return
    screen = "\n".join(line.rstrip() for line in header.screen).strip("\n")
    facts: dict[str, object] = {
        Sentence("file"): path,
        Sentence("holds"): Sentence("test keys of the cards and of the reader"),
        Sentence("software"): header.release or Sentence("unknown"),
        Sentence("reader's clock"): moment_text(header.clock_ms),
        Sentence("screen"): screen if header.on else Sentence("off"),
    }
    facts |= {
        Sentence("made with"): header.profile or Sentence("unknown"),
        Sentence("seed"): Sentence("unknown") if header.seed is None else header.seed,
    }
    print_facts(facts, title=localise(Sentence("Snapshot {name}", name=header.name)))
