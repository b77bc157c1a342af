"""Calling one function at the server, for `tla ssv call`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import typer

from tla_sim.host.ssv.caller import Answer, Caller, ssv_function
from tla_sim.host.ssv.declaration import TEXTS, ZONES, Form, Function, Parameter
from tla_sim.host.ssv.failure import CallRefused
from tla_sim.host.ssv.libraries import FUNCTIONS
from tla_sim.host.whole_file import read_whole, write_whole
from tla_sim.protocol.groups.zone import MAX_ZONE_BYTES, ZoneError
from tla_sim.protocol.sentence import Sentence, sentences
from tla_sim.tools.cli import failure
from tla_sim.tools.cli.code_porteur import ask_plainly, code_from
from tla_sim.tools.cli.failure import UsageProblem
from tla_sim.tools.cli.output import note, print_as_it_is, print_json, print_line, print_table
from tla_sim.tools.cli.ssv_view import blanked, meaning, view_zone, zone_document, zones_of
from tla_sim.tools.cli.table import Text

_LINK: Final = frozenset((0x0001, 0x0002, 0x0004, 0x0008, 0x0010, 0x0040, 0x0200, 0x0400, 0x0800))
_LINKED: Final = frozenset((0x8002, 0x800C, 0x800E, 0xF100, 0xF101))
_BEGIN: Final = "SSV_InitLIB"
"""What a program calls first: connecting is its part at the server."""
_LISTED: Final = frozenset(each.name for each in FUNCTIONS)
_REFUSED: Final = range(0xF000, 0xF100)
_NOTHING: Final = Text(" ")
"""An empty cell beside a group's name, where "-" would be a field without a value."""


_WHY: Final = Sentence("The server says why, in its line for this call.")
"""The interface gives a program a code and nothing else."""


class Wanted(NamedTuple):
    """A call as the command line has it."""

    name: str
    arguments: tuple[str, ...]
    zones: tuple[Path, ...]
    ini: Path | None
    socket: Path | None
    code_file: Path | None


def call_function(wanted: Wanted, out: Path | None, trace: bool, as_json: bool) -> None:
    """Carry out a call and print what a program gets; exit with the code's exit code.

    Raises UsageProblem, and what `Caller` raises.
    """
    function = _function(wanted.name)
    values = dict(_values(function, wanted))
    try:
        caller = Caller(wanted.socket, program="tla", sesam_ini=wanted.ini)
    except CallRefused as error:
        # A program would not get further than this.
        _tell_only(_BEGIN, error.ssv or 0, as_json)
        raise typer.Exit(_exit_code(error.ssv or 0)) from None
    with caller:
        answer = caller.call(function, values)
    if out is not None:
        _write(function, answer, out)
    if as_json:
        print_json(_document(wanted.name, function, values if trace else None, answer))
    else:
        if trace:
            _print_values(function.inputs, values)
        print_as_it_is(f"{wanted.name}: {answer.code:04X} {meaning(answer.code)}")
        _print_values(function.outputs, answer.outputs)
        if answer.code:
            note(_WHY)
    if answer.code:
        raise typer.Exit(_exit_code(answer.code))


def _tell_only(name: str, code: int, as_json: bool) -> None:
    if as_json:
        print_json({"function": name, "code": f"{code:04X}", "meaning": meaning(code), "outputs": {}})
    else:
        print_as_it_is(f"{name}: {code:04X} {meaning(code)}")
        note(_WHY)


def _function(name: str) -> Function:
    try:
        return ssv_function(name)
    except KeyError:
        if name in _LISTED:
            raise UsageProblem(
                "{name} works inside a program alone, not at the server",
                "Name a function of a reader or its documents, such as SSV_LireCartePS",
                name=name,
            ) from None
        raise UsageProblem(
            "There is no function {name}",
            "Name one of SSV or SIS: tla ssv functions lists them",
            name=name,
        ) from None


def _values(function: Function, wanted: Wanted) -> Iterator[tuple[str, Any]]:
    """Yield each input's name and value. Raises UsageProblem for arguments that do not fit."""
    plain = [each for each in function.inputs if each.form is not Form.CODE and each.form not in ZONES]
    if len(plain) != len(wanted.arguments):
        raise UsageProblem(
            "The arguments of {name} are: {names}",
            "Give those, without the code porteur and the zones",
            name=wanted.name,
            names=" ".join(each.name.upper() for each in plain) or Sentence("none"),
        )
    given = dict(zip((each.name for each in plain), wanted.arguments, strict=True))
    several = any(each.form is Form.ZONES_IN for each in function.inputs)
    one = any(each.form is Form.ZONE_IN for each in function.inputs)
    if (one and len(wanted.zones) != 1) or (wanted.zones and not (one or several)):
        raise UsageProblem(
            Sentence("{name} takes one zone", name=wanted.name)
            if one
            else Sentence("{name} takes no zone", name=wanted.name),
            Sentence("Give a zone's file with --zone"),
        )
    for each in function.inputs:
        if each.form is Form.CODE:
            yield each.name, code_from(wanted.code_file, ask_plainly)
        elif each.form is Form.ZONES_IN:
            yield each.name, tuple(read_whole(path, MAX_ZONE_BYTES) for path in wanted.zones)
        elif each.form is Form.ZONE_IN:
            yield each.name, read_whole(wanted.zones[0], MAX_ZONE_BYTES)
        else:
            yield each.name, _plain(each, given[each.name])


def _plain(parameter: Parameter, text: str) -> Any:
    if parameter.form in TEXTS:
        return text
    most = 0xFFFF if parameter.form is Form.NUMBER else 0xFF
    if parameter.form is Form.CHAR and len(text) == 1 and text.isascii():
        return ord(text)
    try:
        number = int(text, 0)
    except ValueError:
        number = -1
    if not 0 <= number <= most:
        raise UsageProblem(
            "{name} takes one character, or a number such as 0x01, not {text}",
            "Correct it",
            name=parameter.name.upper(),
            text=text[:40],
        )
    return number


def _exit_code(code: int) -> int:
    if code in _LINK or code in _LINKED:
        return failure.LINK_FAILED
    return failure.REFUSED if code in _REFUSED else failure.UNUSABLE


def _document(
    name: str, function: Function, values: Mapping[str, Any] | None, answer: Answer
) -> dict[str, Any]:
    document: dict[str, Any] = {
        "function": name,
        "code": f"{answer.code:04X}",
        "meaning": meaning(answer.code),
    }
    if values is not None:
        document["inputs"] = _fields(function.inputs, values)
    return document | {"outputs": _fields(function.outputs, answer.outputs)}


def _fields(parameters: tuple[Parameter, ...], values: Mapping[str, Any]) -> dict[str, Any]:
    shown = blanked(parameters, values)
    for each in parameters:
        if each.name in shown and each.form in (Form.ZONE_IN, Form.ZONE_OUT):
            shown[each.name] = zone_document(values[each.name])
        elif each.name in shown and each.form in (Form.ZONES_IN, Form.ZONES_OUT):
            shown[each.name] = [zone_document(zone) for zone in values[each.name]]
    return shown


def _print_values(parameters: tuple[Parameter, ...], values: Mapping[str, Any]) -> None:
    shown = blanked(parameters, values)
    for each in parameters:
        if each.form not in ZONES and each.name in shown:
            print_as_it_is(f"{each.name}: {shown[each.name]}")
    for name, zone in zones_of(parameters, values):
        _print_zone(name, zone)


def _print_zone(name: str, zone: bytes) -> None:
    title = Sentence("{name}: {count} bytes", name=name, count=len(zone))
    try:
        groups = view_zone(zone)
    except ZoneError as error:
        print_line(title)
        print_line(error.message)
        return
    rows: list[tuple[object, ...]] = []
    for group in groups:
        heading = Text(f"{group.number} [{group.occurrence}] {group.name}".rstrip(), "bold")
        rows.append((_NOTHING, heading, _NOTHING))
        rows += group.fields
    print_table(sentences("field", "label", "value"), rows, title=title, right=("field",))


def _write(function: Function, answer: Answer, out: Path) -> None:
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    for place, (_, zone) in enumerate(zones_of(function.outputs, answer.outputs), 1):
        path = out / f"zone-{place}.bin"
        write_whole(path, zone)
        print_as_it_is(str(path))
