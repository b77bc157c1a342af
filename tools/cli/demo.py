"""tla demo"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.cli.failure import UsageProblem
from tla_sim.tools.cli.output import JsonOption, print_json, print_line
from tla_sim.tools.cli.printable import printable
from tla_sim.tools.cli.trace_option import TraceOption, trace_reader
from tla_sim.tools.cli.transmit import print_sent, print_withheld, transmitted_fields
from tla_sim.tools.cli.verb import new_verb
from tla_sim.tools.language import Language, localise, spoken_language

if TYPE_CHECKING:
    from tla_sim.tools.demo.round import Step

verb = new_verb()


@verb.command()
def demo(
    seed: Annotated[
        int | None,
        typer.Option(
            "--seed", metavar="N", min=0, show_default=False, help="Repeat the run that printed this seed."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            show_default=False,
            help="Keep the ledger and the FSEs in this new directory.",
        ),
    ] = None,
    trace: TraceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Play a whole round with the shipped practice, on a reader inside this process, in virtual time.

    A nurse loads her invoices and those of two colleagues for the same patients, visits the patients with
    only her own card, mistypes her code once and comes back. Each owner then signs, and every document with
    all its signatures is written for transmission.
    """
    import secrets

    from tla_sim.tools.cast import demo_practice
    from tla_sim.tools.demo.round import Round
    from tla_sim.tools.simulator.passing_folder import PassingFolder

    chosen = secrets.randbelow(2**32) if seed is None else seed
    practice = demo_practice()
    with ExitStack() as stack:
        directory = out or stack.enter_context(PassingFolder("tla-demo-")).path
        if out is not None:
            _make(out)
        game = stack.enter_context(Round(practice, directory, chosen))
        stack.enter_context(trace_reader(game.reader, trace))
        steps = []
        if not as_json:
            print_line(
                Sentence(
                    "Seed {chosen}. Practice {practice}; everything is fictitious.",
                    chosen=chosen,
                    practice=practice.name,
                )
            )
        for step in game.steps():
            steps.append(step)
            if not as_json:
                typer.echo(printable(_text(step)))
        if as_json:
            print_json(
                {"seed": chosen, "steps": [_fields(step) for step in steps]}
                | transmitted_fields(game.transmitted, game.outbox.directory)
            )
            return
        print_line("")
        print_sent(game.transmitted)
        print_withheld(game.transmitted.withheld)
        if out is not None:
            print_line(
                Sentence(
                    "Kept in {out}; look at it with: tla ledger {out_2}", out=out, out_2=out / "ledger.sqlite"
                )
            )


def _make(directory: Path) -> None:
    try:
        directory.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        raise UsageProblem(
            "{directory} already exists", "Name a new directory", directory=directory
        ) from None


def _text(step: Step) -> str:
    """Return a line in the language spoken, joined from parts that are already translated."""
    from tla_sim.protocol.moment import moment_text
    from tla_sim.tools.demo.round import STAGES

    shown = " / ".join(line.strip() for line in step.screen if line.strip())
    width = max(len(localise(stage)) for stage in STAGES)
    said = localise(step.text)
    if shown:
        said += f"{' : ' if spoken_language() is Language.FR else ': '}{shown}"
    return f"{moment_text(step.moment)[11:]}  {localise(step.stage):<{width}}  {said}"


def _fields(step: Step) -> dict[str, Any]:
    from tla_sim.protocol.moment import moment_text

    return {
        "moment": step.moment,
        "time": moment_text(step.moment),
        "stage": step.stage,
        "text": step.text,
        "screen": list(step.screen),
    }
