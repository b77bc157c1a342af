"""The reference of errors: every class that a caller can tell apart, by its code."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Final

from tla_sim.protocol.errors import StatusError, TlaError
from tla_sim.reader_fw.failure import FirmwareFailure
from tla_sim.tools.cli.failure import exit_code

_PACKAGES: Final = ("protocol", "host", "reader_fw", "tools")
_BY_STATUS: Final = (StatusError, FirmwareFailure)


def error_classes() -> tuple[type[TlaError], ...]:
    """Return every error of the project but private ones, sorted by code. Imports every module."""
    for name in _PACKAGES:
        package = importlib.import_module(f"tla_sim.{name}")
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    found = dict.fromkeys(_below(TlaError))
    public = (each for each in found if each.__module__.startswith("tla_sim.") and each.__name__[0] != "_")
    return tuple(sorted(public, key=lambda each: (each.code, each.__module__)))


def _below(base: type[TlaError]) -> Iterator[type[TlaError]]:
    yield base
    for each in base.__subclasses__():
        yield from _below(each)


def errors_page(notice: str) -> str:
    """Write the table of errors."""
    rows = [
        "| code | category | exit | SSV | what it says |",
        "| --- | --- | --- | --- | --- |",
        *(_row(each) for each in error_classes()),
    ]
    return "\n".join((notice, _INTRODUCTION, *rows, ""))


_INTRODUCTION: Final = """# Errors

With `--json` a failure is one line on standard error: `code`, `category`, `error` (what happened),
`action` (what to do next), `exit` and `ssv`. In Python code, category and SSV are attributes of the
exception, a `tla_sim.TlaError`, beside `message` and `action`. Codes stay; sentences may change.

| category | exit | what to do about it |
| --- | --- | --- |
| `refused` | 1 | the reader, a card, a signature or a rule said no |
| `bad-input` | 2 | what was given cannot be used; other input may |
| `link` | 3 | the exchange failed; trying again may help |
| `uncertain` | 3 | it may have happened or not; settle that first |

Where a [status word](status-words.md) decides, the SSV code is that of the status.
"""


def _row(error: type[TlaError]) -> str:
    summary = (error.__doc__ or "").split("\n\n")[0]
    ssv = "by status" if issubclass(error, _BY_STATUS) else "" if error.ssv is None else f"{error.ssv:04X}"
    said = " ".join(summary.split())
    return f"| `{error.code}` | {error.category.value} | {exit_code(error)} | {ssv} | {said} |"
