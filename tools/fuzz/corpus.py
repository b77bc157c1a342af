"""Cases from recorded traces and kept files, spliced and mutated into further ones."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from tla_sim.host.regular_file import open_input, read_beginning, read_regular
from tla_sim.protocol.errors import Category, TlaError
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.trace import MAGIC, read_trace
from tla_sim.tools.fuzz.case import Case, Step, from_rows
from tla_sim.tools.fuzz.chance import Chance, pick
from tla_sim.tools.fuzz.mutation import mutated

_LONGEST = 80
_LARGEST = 16 * 1024 * 1024


class CorpusUnusable(TlaError):
    """The file is neither a trace nor a kept case, or traces are of no use to the target."""

    category = Category.BAD_INPUT


def load(target: str, paths: Iterable[Path]) -> tuple[Case, ...]:
    """Read the cases of traces and case files; a directory stands for the files in it.

    Raises CorpusUnusable, CodecError for a damaged trace, OSError.
    """
    found: list[Case] = []
    for path in paths:
        files = sorted(path.iterdir()) if path.is_dir() else [path]
        found += [case for file in files for case in _cases(target, file)]
    return tuple(found)


def _cases(target: str, path: Path) -> list[Case]:
    is_trace = read_beginning(path, len(MAGIC)) == MAGIC
    if is_trace:
        if target not in ("log_sv", "cards"):
            raise CorpusUnusable(
                "{path} is a trace, which is of no use to target {target}",
                "Use log_sv or cards",
                path=path,
                target=target,
            )
        with open_input(path) as stream:
            records = [(record.lad, record.command) for record in read_trace(stream)]
        steps = [_step(target, lad, raw) for lad, raw in records]
        kept = [step for step in steps if step is not None]
        return [tuple(kept[at : at + _LONGEST]) for at in range(0, len(kept), _LONGEST)]
    try:
        tree = json.loads(read_regular(path, _LARGEST))
        return [from_rows(tree["steps"])] if tree.get("target") == target else []
    except (ValueError, KeyError, AttributeError) as error:
        raise CorpusUnusable(
            "{path} is neither a trace nor a case: {reason}",
            "Record one with --trace",
            path=path,
            reason=str(error),
        ) from None


def _step(target: str, lad: Lad, raw: bytes) -> Step | None:
    if target == "cards":
        return None if lad is Lad.LOG_SV else Step("apdu", "", raw)
    if lad is Lad.LOG_SV:
        return Step("apdu", "a", raw)
    return Step("card", f"a:{lad.name}", raw)


def splice(corpus: Sequence[Case], chance: Chance) -> Case:
    """Join the head of one case to the tail of another, and mutate a few of their steps."""
    first, second = pick(chance, corpus), pick(chance, corpus)
    steps = [*first[: chance.below(len(first) + 1)], *second[chance.below(len(second) + 1) :]] or list(first)
    for _ in range(chance.below(3)):
        at = chance.below(len(steps))
        step = steps[at]
        if step.data:
            steps[at] = Step(step.act, step.arg, mutated(step.data, chance))
    return tuple(steps)
