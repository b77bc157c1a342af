"""tla explore"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from tla_sim.protocol.sentence import Joined, Sentence, sentences
from tla_sim.tools.cli import failure
from tla_sim.tools.cli.output import JsonOption, note, print_json, print_line, print_table
from tla_sim.tools.cli.progress_bar import show_progress
from tla_sim.tools.cli.verb import new_verb
from tla_sim.tools.explore.subjects import SUBJECTS

if TYPE_CHECKING:
    from tla_sim.tools.explore.explorations import Part
    from tla_sim.tools.explore.plan_run import Judged
    from tla_sim.tools.faults.plan import FaultPlan

verb = new_verb()

MOST_SHOWN: Final = 10
"""Most violations printed for each exploration: one fault may violate the same rule at every point."""


@verb.command()
def explore(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAME",
            show_default=False,
            help=f"Which explorations to run. Default: all, namely {', '.join(SUBJECTS)}.",
        ),
    ] = None,
    faults: Annotated[
        str | None,
        typer.Option(
            "--faults",
            metavar="PLAN",
            show_default=False,
            help="Run the round once with the faults of this plan.",
        ),
    ] = None,
    whole: Annotated[
        bool,
        typer.Option(
            "--all", metavar="", help="Try every fault point, not just a slice that the seed chooses."
        ),
    ] = False,
    point: Annotated[
        int | None,
        typer.Option(
            "--point", metavar="N", min=0, show_default=False, help="Try only the point with this number."
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            "--seed", metavar="N", min=0, show_default=False, help="Repeat the run that printed this seed."
        ),
    ] = None,
    processes: Annotated[
        int | None,
        typer.Option(
            "--processes",
            metavar="N",
            min=1,
            max=64,
            show_default=False,
            help="Number of processes. Default: one per processor.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Cut power, line, cards and host at every point of a round; check that nothing is lost or duplicated.

    Exit code 1 if anything is; tla explore --faults PLAN with the printed plan shows it again.
    """
    import secrets

    from tla_sim.host.progress import Progress
    from tla_sim.tools.explore.explorations import Part
    from tla_sim.tools.explore.explorations import explore as run
    from tla_sim.tools.faults.plan import FaultPlan

    if faults is not None:
        _replay(FaultPlan.parse(faults), as_json)
        return
    unknown = [name for name in names or () if name not in SUBJECTS]
    if unknown:
        raise failure.UsageProblem(
            "There is no exploration '{name}'",
            "Choose from {subjects}",
            name=unknown[0],
            subjects=", ".join(SUBJECTS),
        )
    chosen = secrets.randbelow(10_000) if seed is None else seed
    note(Sentence("Seed {chosen}", chosen=chosen))
    began = time.monotonic()
    parts = {name: Part(name) for name in names or SUBJECTS}
    with show_progress() as on_progress:
        for part, total in run(
            list(parts), whole=whole, seed=chosen, processes=processes or os.cpu_count() or 1, point=point
        ):
            so_far = parts[part.name]
            so_far.add(part)
            on_progress(Progress("explore", min(so_far.points, total), total, 0, 0, part.name))
    seconds = time.monotonic() - began
    failed = any(part.violations for part in parts.values())
    if as_json:
        print_json(
            {
                "seed": chosen,
                "all": whole,
                "seconds": round(seconds, 1),
                "violations": sum(len(part.violations) for part in parts.values()),
                "explorations": [_fields(part) for part in parts.values()],
            }
        )
    else:
        _print(parts, seconds)
    if failed:
        raise typer.Exit(failure.REFUSED)


def _print(parts: dict[str, Part], seconds: float) -> None:
    from tla_sim.tools.cli.table import Text

    rows = [
        (
            Text(name),
            SUBJECTS[name],
            part.points,
            len(part.violations),
            Sentence("{seconds:.1f}", seconds=part.seconds),
            _figures(part),
        )
        for name, part in parts.items()
    ]
    print_table(
        sentences("Exploration", "What", "Points", "Violations", "CPU s", "Figures"),
        rows,
        right=("Points", "Violations", "CPU s"),
    )
    print_line(Sentence("{seconds:.1f} s", seconds=seconds))
    for part in parts.values():
        for problem, plan in part.violations[:MOST_SHOWN]:
            print_line(Sentence("{part}: {problem}", part=part.name, problem=problem))
            print_line(Sentence("  {again}", again=_command_again(part.name, plan)))


def _command_again(name: str, plan: str) -> str:
    from tla_sim.tools.explore.explorations import POINT

    if plan.startswith(POINT):
        return Sentence("tla explore '{name}' --point {point}", name=name, point=plan.removeprefix(POINT))
    return Sentence("tla explore --faults {plan}", plan=plan)


def _figures(part: Part) -> str:
    shown = [_figure(name, value) for name, value in part.figures.items()]
    shown += [Sentence("at most {figure}", figure=_figure(name, value)) for name, value in part.worst.items()]
    if part.images_a_second is not None:
        shown.append(
            Sentence(
                "{images_a_second} images per second and processor", images_a_second=part.images_a_second
            )
        )
    return Joined(", ", shown)


def _figure(name: str, value: int) -> Sentence:
    return Sentence("{value} {name}", value=value, name=Sentence(name))


def _fields(part: Part) -> dict[str, Any]:
    return {
        "name": part.name,
        "points": part.points,
        "cpu_seconds": round(part.seconds, 2),
        "figures": part.figures,
        "worst": part.worst,
        "images_a_second": part.images_a_second,
        "violations": [
            {"problem": problem, "again": _command_again(part.name, plan)}
            for problem, plan in part.violations
        ],
    }


def _replay(plan: FaultPlan, as_json: bool) -> None:
    from tla_sim.tools.explore.plan_run import run_plan

    judged = run_plan(plan)
    if as_json:
        print_json(_judged_fields(judged))
    else:
        print_line(Sentence("Plan {plan}", plan=judged.plan))
        for error in judged.errors:
            print_line(Sentence("  {error}", error=error))
        print_line(
            judged.violation
            or Sentence(
                "The round completed; a stage was run again {again} times at most.", again=judged.again
            )
        )
    if judged.violation:
        raise typer.Exit(failure.REFUSED)


def _judged_fields(judged: Judged) -> dict[str, Any]:
    return {
        "plan": str(judged.plan),
        "violation": judged.violation or None,
        "again": judged.again,
        "faults_struck": judged.struck,
        "errors": list(judged.errors),
        "line_us": judged.line_us,
        "line_bytes": judged.carried,
    }
