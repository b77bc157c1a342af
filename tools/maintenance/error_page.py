"""Generate the reference of errors: every error class that callers can distinguish, by its code."""

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
    """Return every public error class of the project, sorted by code. Imports every module."""
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
    """Return the page of errors, under a notice that it is generated."""
    rows = [
        "| code | category | exit | SSV | meaning |",
        "| --- | --- | --- | --- | --- |",
        *(_row(each) for each in error_classes()),
    ]
    return "\n".join((notice, _INTRODUCTION, *rows, ""))


_INTRODUCTION: Final = """# Errors

With `--json`, a failure is printed as one line of JSON on standard error: `code`, `category`, `error` (what
happened), `action` (what to do next), `exit` and `ssv`. In Python, `code`, `category` and `ssv` are
attributes of the exception, a `tla_sim.TlaError`, beside `message` and `action`. Codes are stable;
sentences may change.

| category | exit | meaning |
| --- | --- | --- |
| `refused` | 1 | refused by the reader, a card, a signature check or a rule |
| `bad-input` | 2 | the input cannot be used; correct it |
| `link` | 3 | the exchange failed; trying again may help |
| `uncertain` | 3 | the outcome is unknown; find out before you try again |

"by status": the SSV code is that of the [status word](status-words.md).
"""


def _row(error: type[TlaError]) -> str:
    summary = (error.__doc__ or "").split("\n\n")[0]
    ssv = "by status" if issubclass(error, _BY_STATUS) else "" if error.ssv is None else f"{error.ssv:04X}"
    said = " ".join(summary.split())
    return f"| `{error.code}` | {error.category.value} | {exit_code(error)} | {ssv} | {said} |"
