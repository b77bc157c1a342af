"""Reading and validating the practice file.

A practice file is JSON in UTF-8, at most 16 MiB, structured as in `tla_sim.host.practice.model`
(`practice_schema` returns its JSON Schema). Project-defined.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from datetime import date
from errno import EFBIG
from typing import Any, Final

from tla_sim.host.practice.check import findings
from tla_sim.host.practice.invoices import prepared_invoices
from tla_sim.host.practice.model import Practice
from tla_sim.host.practice.problem import PracticeFileError, Problem, UnknownOwner, place
from tla_sim.host.practice.structure import SECTIONS, Draft, Finding, structure
from tla_sim.host.regular_file import NotAFile, read_regular
from tla_sim.host.strict_json import JsonFlawed, Locator, decode_text, parse
from tla_sim.protocol.sentence import Sentence

__all__ = [
    "MAX_FILE_BYTES",
    "MAX_PROBLEMS",
    "Practice",
    "PracticeFileError",
    "Problem",
    "UnknownOwner",
    "load_practice",
    "parse_practice",
    "practice_schema",
    "prepared_invoices",
    "read_practice_file",
]

MAX_FILE_BYTES: Final = 16 * 1024 * 1024
"""The largest practice file that is read, in bytes: some 14,000 invoices."""

MAX_PROBLEMS: Final = 1_000
"""The greatest number of errors that are listed."""


def load_practice(path: str | os.PathLike[str], *, today: date | None = None) -> Practice:
    """Read and check a practice file, and return its practice, which is consistent throughout.

    Births after `today` are errors; `today` defaults to the machine's date. Raises `PracticeFileError` with
    every error found, each with its place and line, and also for a file that is too large or cannot be read.
    A pipe with a writer is accepted; nothing is read from a device or a directory.

        >>> tla_sim.load_practice("practice.json").practitioners[0].last_name
        'PIQURE2969'
    """
    name = os.fspath(path)
    return _practice(name, _read(name), today or date.today())


def read_practice_file(path: str | os.PathLike[str]) -> bytes:
    """Return the unchecked bytes of a practice file. Raises `PracticeFileError` when it cannot be read."""
    return _read(os.fspath(path))


def parse_practice(raw: bytes, name: str = "the practice file", *, today: date | None = None) -> Practice:
    """Return the practice in a file's bytes; errors call the file `name`. Raises `PracticeFileError`.

    Without `today`, births are not compared with a date: the same bytes give the same result on every day.
    """
    if len(raw) > MAX_FILE_BYTES:
        raise _refusal(name, _size(len(raw)), _SIZE_EXPECTED)
    return _practice(name, raw, today)


def practice_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a practice file. It cannot express references and sums."""
    schema = Practice.model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "tla-sim practice",
    }


_SIZE_EXPECTED: Final = Sentence(
    "at most {max_file_bytes} MiB", max_file_bytes=MAX_FILE_BYTES // 1024 // 1024
)


def _size(count: int) -> str:
    return Sentence("{count:,} bytes", count=count)


def _refusal(name: str, found: str, expected: str) -> PracticeFileError:
    return PracticeFileError(name, [Problem("", 0, found, expected)])


def _read(name: str) -> bytes:
    try:
        return read_regular(name, MAX_FILE_BYTES, pipes=True)
    except NotAFile:
        other = Sentence("a directory, a device or a pipe that nobody writes into")
        raise _refusal(name, other, Sentence("a regular file")) from None
    except OSError as error:
        if error.errno == EFBIG:
            raise _refusal(name, Sentence("a larger file"), _SIZE_EXPECTED) from None
        reason = error.strerror or str(error)
        raise _refusal(name, reason.lower(), Sentence("a file that can be read")) from None


def _practice(name: str, raw: bytes, today: date | None) -> Practice:
    try:
        text = decode_text(raw)
        tree = parse(text)
    except JsonFlawed as flawed:
        flaws = [Problem(place(f.location), f.line, f.found, f.expected) for f in flawed.flaws[:MAX_PROBLEMS]]
        complete = len(flawed.flaws) <= MAX_PROBLEMS
        raise PracticeFileError(name, flaws, complete=complete) from None
    draft, structural = structure(tree)
    found = list(itertools.islice(_all(tree, draft, structural, today), MAX_PROBLEMS + 1))
    if found or draft.header is None:
        lines = Locator(text)
        problems = [
            Problem(place(each.location), lines.line(each.location), each.found, each.expected)
            for each in found[:MAX_PROBLEMS]
        ]
        problems.sort(key=lambda problem: problem.line)
        raise PracticeFileError(name, problems, complete=len(found) <= MAX_PROBLEMS)
    return draft.header.model_copy(
        update={section: tuple(draft.sections[section].values()) for section in SECTIONS}
    )


def _all(tree: object, draft: Draft, structural: Iterator[Finding], today: date | None) -> Iterator[Finding]:
    yield from structural
    if isinstance(tree, dict):
        yield from findings(tree, draft, today)
