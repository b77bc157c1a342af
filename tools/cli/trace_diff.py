"""tla trace diff"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tla_sim.protocol.sentence import Quantity, Sentence
from tla_sim.tools.cli.failure import REFUSED
from tla_sim.tools.cli.output import JsonOption, print_json, print_line, print_table
from tla_sim.tools.language import localise

if TYPE_CHECKING:
    from tla_sim.tools.capture.flow_diff import Difference
    from tla_sim.tools.capture.flow_leaves import Leaf
    from tla_sim.tools.capture.flow_steps import Step


def diff_traces(
    yours: Annotated[Path, typer.Argument(metavar="YOURS", help="A trace of your program.")],
    reference: Annotated[
        Path, typer.Argument(metavar="REFERENCE", help="A trace of the flow as it should be.")
    ],
    show_all: Annotated[
        bool, typer.Option("--all", help="Show every difference, not only the first.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Compare two flows by what was asked and answered: show the first difference, in words.

    Keys, signatures, moments, counters and the reader's serial number do not count, nor do polling, the size
    of batches, links and times. Ends with 0 for the same flow, 1 for another.
    """
    from itertools import islice

    from tla_sim.host.regular_file import open_input
    from tla_sim.protocol.errors import CodecError
    from tla_sim.tools.capture.flow_diff import diff_flows
    from tla_sim.tools.capture.reading import Counted, read_named

    problem: CodecError | None = None
    found: list[dict[str, Any]] = []
    count = 0
    with open_input(yours) as mine, open_input(reference) as other:
        ours, theirs = (
            Counted(yours, read_named(yours, mine)),
            Counted(reference, read_named(reference, other)),
        )
        differences = diff_flows(ours, theirs)
        try:
            for each in differences if show_all else islice(differences, 1):
                count += 1
                if as_json:
                    found.append(_as_json(each))
                else:
                    _print(each, with_table=count == 1)
        except CodecError as error:
            problem = error
    if as_json:
        told = {"yours": ours.exchanges, "reference": theirs.exchanges}
        print_json({"same": not count and problem is None, "read": told, "differences": found})
    elif not count and problem is None:
        print_line(
            Sentence(
                "The same flow: {yours} of yours, {reference} of the reference.",
                yours=Quantity(ours.exchanges, "exchange"),
                reference=Quantity(theirs.exchanges, "exchange"),
            )
        )
    if problem is not None:
        raise problem
    if count:
        raise typer.Exit(REFUSED)


def _print(found: Difference, with_table: bool) -> None:
    from tla_sim.tools.capture.flow_words import place_words, say_difference

    more = found.count - 1
    print_line(Sentence("{difference}.", difference=say_difference(found)))
    if more:
        print_line(Sentence("So it goes on for {commands}.", commands=Quantity(more, "more command")))
    print_line(
        Sentence(
            "Yours: {yours}; reference: {reference}.",
            yours=place_words(found.yours),
            reference=place_words(found.reference),
        )
    )
    if not with_table:
        return
    rows = [_row("=", mine, other) for mine, other in found.before]
    rows.append(_row("≠", found.yours, found.reference))
    print_table(("", Sentence("yours"), Sentence("reference")), rows)


def _row(mark: str, mine: Step | None, other: Step | None) -> tuple[str, str, str]:
    return mark, _step_text(mine), _step_text(other)


def _step_text(step: Step | None) -> str:
    if step is None:
        return ""
    from tla_sim.tools.capture.flow_words import step_words

    word = "----" if step.word is None else f"{step.word:04X}"
    numbers = f"{step.number}" if step.number == step.last else f"{step.number}–{step.last}"
    return f"{numbers}: {step_words(step)} {word}"


def _as_json(found: Difference) -> dict[str, Any]:
    from tla_sim.tools.capture.flow_words import say_difference

    mine, other = found.leaves
    leaf = mine or other
    told: dict[str, Any] = {
        "kind": found.kind.value,
        "said": localise(say_difference(found)),
        "steps": found.count,
        "yours": _step_json(found.yours),
        "reference": _step_json(found.reference),
    }
    if leaf is not None:
        told |= {
            "path": list(leaf.path),
            "text": localise(leaf.text),
            "values": {"yours": _leaf_json(mine), "reference": _leaf_json(other)},
        }
    told["before"] = [{"yours": _step_json(a), "reference": _step_json(b)} for a, b in found.before]
    return told


def _step_json(step: Step | None) -> dict[str, Any] | None:
    if step is None:
        return None
    return {
        "exchange": step.number,
        "last": step.last,
        "ms": step.ns // 1_000_000,
        "to": step.lad.name,
        "command": step.name,
        "status": None if step.word is None else f"{step.word:04X}",
    }


def _leaf_json(leaf: Leaf | None) -> object:
    if leaf is None:
        return None
    return {"value": leaf.value, "shown": localise(leaf.shown)} if leaf.shown else {"value": leaf.value}
