"""A finding: one cause, its shrunk case, and enough to play it again, in one JSON file."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tla_sim.host.regular_file import read_beginning
from tla_sim.host.whole_file import EVERYBODY, write_whole
from tla_sim.protocol.errors import Category, TlaError
from tla_sim.protocol.sentence import Sentence
from tla_sim.protocol.sentence_json import dump_sentence, load_sentence
from tla_sim.tools.fuzz.case import Case, from_rows, to_rows
from tla_sim.tools.fuzz.oracle import cause_of, describe_failure
from tla_sim.tools.fuzz.shrink import shrink
from tla_sim.tools.fuzz.targets.base import Notes
from tla_sim.tools.fuzz.targets.registry import NAMES, target

FORMAT: Final = "tla-fuzz-finding 1"
_LARGEST: Final = 16 * 1024 * 1024


class FindingUnreadable(TlaError):
    """The file is not a finding."""

    category = Category.BAD_INPUT


@dataclass(frozen=True)
class Failure:
    """A failed case: the cause that it shares with others, and a message for a person."""

    cause: str
    message: str


@dataclass(frozen=True)
class Finding:
    """A target, the origin of its case, the failure, and the case."""

    target: str
    origin: str
    cause: str
    message: str
    case: Case

    @property
    def file_name(self) -> str:
        """The name of its file, which depends on target and cause alone."""
        return f"{self.target}-{hashlib.sha256(self.cause.encode()).hexdigest()[:12]}.json"

    def document(self) -> dict[str, Any]:
        """Return the finding as JSON, its steps also as text."""
        return {
            "format": FORMAT,
            "target": self.target,
            "origin": self.origin,
            "cause": self.cause,
            "message": self.message,
            "said": {"cause": dump_sentence(self.cause), "message": dump_sentence(self.message)},
            "steps": to_rows(self.case),
            "decoded": target(self.target).describe(self.case),
        }

    def write(self, directory: Path) -> Path:
        """Write its file into a directory. Return the path."""
        path = directory / self.file_name
        document = json.dumps(self.document(), indent=1, ensure_ascii=False) + "\n"
        write_whole(path, document.encode(), EVERYBODY)
        return path

    @classmethod
    def read(cls, path: Path) -> Finding:
        """Read a finding from a file. Raises FindingUnreadable, OSError."""
        raw = read_beginning(path, _LARGEST + 1)
        if len(raw) > _LARGEST:
            raise FindingUnreadable(
                "{path} is larger than any finding", "Give a finding that a campaign wrote", path=path
            )
        try:
            tree = json.loads(raw)
            if tree["format"] != FORMAT or tree["target"] not in NAMES:
                raise ValueError(f"format {tree['format']!r}")
            case = from_rows(tree["steps"])
            known = target(tree["target"]).acts
            if odd := [step.act for step in case if step.act not in known]:
                raise ValueError(f"target {tree['target']} knows no step {odd[0][:40]!r}")
            cause, message = _read_said(tree, "cause"), _read_said(tree, "message")
            return cls(str(tree["target"]), str(tree["origin"]), cause, message, case)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise FindingUnreadable(
                "{path} is not a finding: {reason}",
                "Give a finding that a campaign wrote",
                path=path,
                reason=str(error),
            ) from None


def _read_said(tree: dict[str, Any], name: str) -> str:
    """Return a text of a finding as the sentence that it was; findings of earlier versions have text only."""
    text = str(tree[name])
    said = load_sentence(tree["said"][name]) if "said" in tree else text
    return said if said == text else text


def shrink_finding(name: str, origin: str, case: Case, cause: str) -> Finding:
    """Shrink a failing case within the budget. Return its finding."""

    def fails(smaller: Case) -> bool:
        failure = try_case(name, smaller)
        return failure is not None and failure.cause == cause

    small = shrink(case, fails)
    failure = try_case(name, small)
    message = failure.message if failure is not None else Sentence("{cause} (not every time)", cause=cause)
    return Finding(name, origin, cause, message, small)


def try_case(name: str, case: Case, notes: Notes | None = None) -> Failure | None:
    """Run one case. Return its failure, `None` if there is none."""
    try:
        target(name).run(case, Notes() if notes is None else notes)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        return Failure(cause_of(error), describe_failure(error))
    return None
