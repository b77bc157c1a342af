"""Target: files of the practice, the desk, the GALSS, the reader and these tools."""

from __future__ import annotations

from typing import Final

from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.sentence import Quantity, Sentence
from tla_sim.tools.fuzz.case import Case, Step
from tla_sim.tools.fuzz.chance import Chance, pick
from tla_sim.tools.fuzz.mutation import mutated
from tla_sim.tools.fuzz.targets.base import Notes, Target
from tla_sim.tools.fuzz.targets.file_kinds import KINDS, NAMES
from tla_sim.tools.judge.violation import Violation

_SHOWN: Final = 120


class FilesTarget(Target):
    """Files, one per step, each of a kind of `file_kinds`."""

    name = "files"
    unit = "file"
    summary = Sentence(
        "practice files, scans, FSEs, lots, ARLs, galss.ini, card texts, images, traces, plans and scripts"
    )
    acts = ("file",)

    def generate(self, chance: Chance) -> Case:
        """Make one to four files, each from a good one of its kind."""
        steps = []
        for _ in range(1 + chance.below(4)):
            name = pick(chance, NAMES) if chance.below(4) else "fse"
            kind = KINDS[name]
            raw = (
                kind.tweaked(chance)
                if kind.tweaked is not None and chance.below(2)
                else pick(chance, kind.good())
            )
            match chance.below(7 + kind.kept):
                case 0:
                    raw = raw[: chance.below(len(raw) + 1)]
                case 1:
                    raw += chance.data(1 + chance.below(40))
                case 2:
                    raw = chance.data(chance.below(80))
                case at if at < 3 + kind.kept:
                    pass
                case _:
                    raw = mutated(raw, chance)
            steps.append(Step("file", name, raw))
        return tuple(steps)

    def run(self, case: Case, notes: Notes) -> None:
        """Read each file: it must be read correctly, or refused with a typed error."""
        for step in case:
            if step.arg not in KINDS:
                continue
            kind = KINDS[step.arg]
            try:
                kind.read(step.data)
                outcome = "read"
            except TlaError as error:
                outcome = type(error).__name__
                if not str(error):
                    raise Violation("form", "a {kind} is refused without a word", kind=step.arg) from None
            notes.saw(step.arg, outcome)

    def declared(self) -> tuple[tuple[str, str], ...]:
        """Return every kind of file as read."""
        return tuple((name, "read") for name in NAMES)

    def describe(self, case: Case) -> list[str]:
        """Return one line per file: its text if it is text, else its bytes in hex."""
        return [
            Sentence(
                "{file}, {size}: {content}",
                file=step.arg,
                size=Quantity(len(step.data), "byte"),
                content=_preview(step.data),
            )
            for step in case
        ]


def _preview(raw: bytes) -> str:
    try:
        text = raw[:_SHOWN].decode()
    except UnicodeDecodeError:
        return raw[:_SHOWN].hex()
    return repr(text) if text.isprintable() or "\n" in text else raw[:_SHOWN].hex()
