"""Write the protocol reference from the declarations: `python -m tla_sim.tools.maintenance.reference_pages`.

Also writes the list of verbs that `tla --help` shows without loading them. With `--check`, nothing is
written, and the exit code is 1 if something is out of date.

All pages of docs/reference but `lot-file.md` are generated; a test fails when they no longer match the code.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import typer

from tla_sim.protocol.apdu import VECTORS as APDU_VECTORS
from tla_sim.protocol.commands.command_set import COMMANDS
from tla_sim.protocol.commands.declaration import GENERAL_ERRORS, Command
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.wire.record import Record
from tla_sim.tools.cli.app import SUMMARIES, VERBS
from tla_sim.tools.faults.kinds import KINDS, Counted
from tla_sim.tools.maintenance.error_page import errors_page
from tla_sim.tools.maintenance.groups_page import groups_page
from tla_sim.tools.maintenance.http_page import description, http_page
from tla_sim.tools.maintenance.ssv_page import ssv_page
from tla_sim.tools.maintenance.t1_page import t1_page

ROOT: Final = Path(__file__).resolve().parents[2]
FOLDER: Final = ROOT / "docs" / "reference"
_NOTICE: Final = "<!-- Generated from the declarations by `make docs`; change those. -->\n"


def commands_page() -> str:
    """Return the page of Log_SV's commands: structures, statuses, vectors."""
    return "\n".join(_commands())


def _commands() -> Iterator[str]:
    yield _NOTICE
    yield "# Commands of the reader (Log_SV)\n"
    yield (
        "Class byte `80`, P1 = P2 = `00`, request in the command data, response in the response data; short "
        "or extended APDUs. Instructions and structures are Project-defined, after the SSV functions named. "
        "Numbers are unsigned, high byte first.\n"
    )
    yield "| INS | command | SSV function | since | needs |\n| --- | --- | --- | --- | --- |"
    for command in COMMANDS:
        yield (
            f"| {command.ins:02X} | [{command.name}](#{command.ins:02x}-{command.name}) | {command.ssv} "
            f"| {command.ins.since} | {command.needs.value} |"
        )
    general = ", ".join(f"`{status:04X}` {status.name}" for status in GENERAL_ERRORS)
    yield f"\nAny command may also answer: {general}.\n"
    for command in COMMANDS:
        yield from _command(command)


def _command(command: Command[Any, Any]) -> Iterator[str]:
    yield f"## {command.ins:02X} {command.name}\n"
    yield f"{command.summary}\n"
    for title, record in (("Request", command.request), ("Response", command.response)):
        yield from _record(title, record)
    errors = [status for status in command.statuses[1:] if status not in GENERAL_ERRORS]
    if errors:
        yield "May also answer: " + ", ".join(f"`{status:04X}` {status.name}" for status in errors) + ".\n"
    for value, text in command.vectors:
        kind = "request" if isinstance(value, command.request.type) else "response"
        yield f"Example {kind}: `{text or '(empty)'}`\n"


def _record(title: str, record: Record[Any]) -> Iterator[str]:
    if not record.fields:
        yield f"{title}: no data.\n"
        return
    yield f"{title} `{record.type.__name__}`:\n\n| field | form | meaning |\n| --- | --- | --- |"
    nested: list[Record[Any]] = []
    for name, field in record.fields.items():
        values = ""
        if field.enum is not None:
            values = " (" + ", ".join(f"{member.value} {member.name}" for member in field.enum) + ")"
        yield f"| {name} | {field.shape} | {field.doc}{values} |"
        if field.nested is not None:
            nested.append(field.nested)
    yield ""
    for each in nested:
        yield from _record("Each", each)


def status_page() -> str:
    """Return the page of status words, with SSV code, sentence and remedy in both languages."""
    lines = [
        _NOTICE,
        "# Status words\n",
        "6xxx as in ISO/IEC 7816-4 §5.6; 9xxx other than 9000 are Project-defined. `63Cx`: x tries left. SSV "
        "codes are the public ones; the cell is empty where the SSV manual publishes none.\n",
        "| word | name | SSV | français | que faire | English | what to do |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for status in Status:
        ssv = "" if status.ssv is None else f"0x{status.ssv:04X}"
        cells = (status.fr, status.fr_action, status.en, status.en_action)
        lines.append(f"| {status:04X} | {status.name} | {ssv} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def apdu_page() -> str:
    """Return the page of APDUs, by example."""
    lines = [
        _NOTICE,
        "# APDUs\n",
        "After ISO/IEC 7816-4 §5.1. Short length fields are used wherever they suffice.\n",
        "| bytes | case | Lc | Ne |",
        "| --- | --- | --- | --- |",
    ]
    for raw, case, *_, data, ne in APDU_VECTORS:
        shown = raw if len(raw) <= 60 else f"{raw[:40]}… ({len(raw) // 2} bytes)"
        lines.append(f"| `{shown}` | {case} | {len(data) // 2} | {ne} |")
    return "\n".join(lines) + "\n"


def faults_page() -> str:
    """Return the page of faults: name, number, value, effect."""
    lines = [
        _NOTICE,
        "# Faults\n",
        "A plan is one line: `seed=7,flash.cut@120:half-bits,line.bits:1e-4,ps.pull@17`. The number after "
        "`@` says when, counted from 0; the value after `:` may be omitted.\n",
        "`tla explore --faults` runs a round under a plan, `tla sim --faults` serves a reader under it (but "
        "not with faults of the host), and the marker `tla_faults` applies it to a "
        "[pytest test](../how-to/practice-software-tests.md).\n",
        "| fault | what the number counts | default value | what happens |",
        "| --- | --- | --- | --- |",
    ]
    for kind in KINDS.values():
        number = "" if kind.counted is Counted.NOTHING else kind.counted.value
        usual = f"`{kind.usual}`" if kind.usual else ""
        meant = "; ".join(f"`{value}`: {text}" for value, text in kind.choices.items())
        text = f"{kind.text} {meant}." if meant else kind.text
        lines.append(f"| `{kind.name}` | {number} | {usual} | {text} |")
    return "\n".join(lines) + "\n"


def verbs_page() -> str:
    """Return the page of the `tla` command: every verb with its arguments and options."""
    lines = [
        _NOTICE,
        "# The `tla` command\n",
        "Exit codes: 0 done, 1 refused, 2 wrong usage or input file, 3 the link failed or the outcome is "
        "uncertain ([errors](errors.md)).\n",
    ]
    for name in VERBS:
        lines += _verb(f"tla {name}", _command_of(name))
    return "\n".join(lines)


def summaries() -> str:
    """Return the first paragraph of each verb's help, as JSON by name."""
    found = {name: " ".join((_command_of(name).help or "").partition("\n\n")[0].split()) for name in VERBS}
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _command_of(name: str) -> Any:
    return typer.main.get_command(importlib.import_module(f"tla_sim.tools.cli.{name}").verb)


def _verb(path: str, verb: Any) -> Iterator[str]:
    subcommands = getattr(verb, "commands", {})
    if not subcommands:
        yield f"## {path}\n"
        yield f"{' '.join((verb.help or '').split())}\n"
        yield "| argument | |\n| --- | --- |"
        for parameter in verb.params:
            if parameter.name == "help":
                continue
            shown = ", ".join(f"`{option}`" for option in parameter.opts)
            if parameter.param_type_name == "argument":
                shown = f"`{(parameter.metavar or parameter.name).upper()}`"
            text = " ".join((getattr(parameter, "help", None) or "").split()).replace("|", "\\|")
            yield f"| {shown} | {text} |"
        yield ""
    for name, command in subcommands.items():
        yield from _verb(f"{path} {name}", command)


def error_page() -> str:
    """Return the page of errors, by code."""
    return errors_page(_NOTICE)


PAGES: Final = {
    FOLDER / "commands.md": commands_page,
    FOLDER / "status-words.md": status_page,
    FOLDER / "groups.md": lambda: groups_page(_NOTICE),
    FOLDER / "apdus.md": apdu_page,
    FOLDER / "errors.md": error_page,
    FOLDER / "faults.md": faults_page,
    FOLDER / "http.md": lambda: http_page(_NOTICE),
    FOLDER / "openapi.json": description,
    FOLDER / "ssv.md": lambda: ssv_page(_NOTICE),
    FOLDER / "t1.md": lambda: t1_page(_NOTICE),
    FOLDER / "tla.md": verbs_page,
    SUMMARIES: summaries,
}
"""The files to write, each with the function that returns its text."""


def main(arguments: list[str]) -> int:
    """Write all pages, or with --check print what is out of date. Return the exit code."""
    stale = []
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path, page in PAGES.items():
        name = str(path.relative_to(ROOT))
        text = page()
        if path.exists() and path.read_text("utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in arguments:
            path.write_text(text, "utf-8")
            print(f"wrote {name}")
    if "--check" in arguments and stale:
        print(f"out of date: {', '.join(stale)}; run make docs", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
