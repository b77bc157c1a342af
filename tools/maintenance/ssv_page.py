"""Generate the reference of SSV, SGD and GALSS: functions, codes, frames between libraries and server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.declaration import Certainty, Function, Parameter
from tla_sim.host.ssv.frames import (
    ANSWER_HEAD,
    CALL_HEAD,
    HELLO,
    MAX_FRAME_BYTES,
    MAX_ZONES,
    VERSION,
    WELCOME,
    Client,
    record_of,
)
from tla_sim.host.ssv.headers import HEADERS
from tla_sim.host.ssv.libraries import RECIPES, Recipe, file_name
from tla_sim.host.ssv.place import FOLDER, NAME, RUNTIME, SECONDS_VARIABLE, VARIABLE
from tla_sim.host.ssv.prototypes import c_parameters, prototype
from tla_sim.protocol.wire.record import Record

_INTRODUCTION: Final = """# SSV, SGD and GALSS

The field's own C interface, as `tla ssv build` makes it and `tla ssv serve` serves it. Names and types
are those of the public headers; names of parameters, and all that is marked so, are Project-defined.
Every function but the `void` ones returns `unsigned short`, 0 when it is done.

A function waits for the server as long as its `seconds`, then returns 0400 and closes the connection;
the next call connects anew. Without a server it returns 8002 at once; 0040 when the server goes away in
mid-call. A call waits up to 2 seconds for another of the same program or of another one, then returns
0004. Any function with a session returns F807 for a wrong one.

Memory: zones out are allocated by the library; return each with `SSV_LibererZoneMem`. For several zones
out the program supplies the arrays, and says in the count how many zones they hold (inferred); with too
few the function returns F800 with the number needed in the count.

How sure the facts are is said of prototypes and of what the zones hold: *public and exact*; *measured
with programs of others*; *inferred, no source states it*; *Project-defined*. How groups are written into
zones is measured for 101 to 111 and inferred for the others ([groups](groups.md)).
"""


def ssv_page(notice: str) -> str:
    """Return the page, under a notice that it is generated."""
    return "\n".join((notice, *_lines()))


def _lines() -> Iterator[str]:
    yield _INTRODUCTION
    for recipe in RECIPES:
        yield from _table(recipe)
    for recipe in RECIPES:
        yield f"## Functions of {file_name(recipe.library)}\n"
        for function in recipe.functions:
            yield from _function(function)
    yield from _codes()
    yield from _frames()


def _names(recipe: Recipe) -> str:
    suffixes = ("", "64") if recipe.in_64 else ("",)
    return ", ".join(f"`{file_name(recipe.library, suffix)}`" for suffix in suffixes)


def _table(recipe: Recipe) -> Iterator[str]:
    headers = [each.name for each in HEADERS if set(each.functions) & set(recipe.functions)]
    yield f"## {file_name(recipe.library)}\n"
    yield f"Library {_names(recipe)}, header {', '.join(f'`{each}`' for each in headers)}.\n"
    yield "| function | what it does | prototype | zones |\n| --- | --- | --- | --- |"
    for each in recipe.functions:
        facts = f"{each.certainty.value.template} | {_contents(each)}"
        yield f"| [{each.name}](#{each.name.lower()}) | {_cell(each.doc)} | {facts} |"
    yield ""


def _contents(function: Function) -> str:
    return "" if function.contents is None else function.contents.value.template


def _function(function: Function) -> Iterator[str]:
    yield f"### {function.name}\n"
    yield f"    {prototype(function)};\n"
    zones = f", what the zones hold {_contents(function)}" if function.contents else ""
    yield f"{function.doc.template} The prototype is {function.certainty.value.template}{zones}.\n"
    if function.parameters:
        yield "| parameter | in C | what it is | facts |\n| --- | --- | --- | --- |"
        yield from map(_parameter, function.parameters)
        yield ""
    if function.codes:
        yield "May return: " + ", ".join(f"`{code:04X}`" for code in sorted(set(function.codes))) + ".\n"
    if function.commands:
        yield f"Behind it: {', '.join(f'`{each}`' for each in function.commands)}.\n"
    if not function.in_library:
        yield f"Waits {function.seconds} seconds; number {function.number} on the socket.\n"
    if function.splits and "SIS_" in function.name:
        numbers = ", ".join(str(each) for each in function.splits)
        yield f"A zone of its own begins in the session's input at each group {numbers} (inferred).\n"


def _parameter(parameter: Parameter) -> str:
    in_c = ", ".join(f"`{each}`" for each in c_parameters(parameter))
    said = _cell(parameter.doc)
    if parameter.longest:
        said += f"; at most {parameter.longest} bytes"
    if parameter.optional:
        said += "; NULL is an empty text"
    sure = "" if parameter.certainty is Certainty.PUBLIC else parameter.certainty.value.template
    return f"| {parameter.name} | {in_c} | {said} | {sure} |"


def _codes() -> Iterator[str]:
    yield "## Codes\n"
    yield "In C: `SSV_CODE_` and the name, from `ssv_codes.h`.\n"
    yield "| code | name | English | français |\n| --- | --- | --- | --- |"
    for code in sorted(SsvCode):
        yield f"| {code:04X} | {code.name} | {_cell(code.en)} | {_cell(code.fr)} |"
    yield ""


def _frames() -> Iterator[str]:
    yield "## Frames\n"
    yield (
        f"Between the libraries and the server, on a Unix stream socket, version {VERSION}. Project-defined. "
        f"Each frame is a u32 length and a body of so many bytes, at most {MAX_FRAME_BYTES:,}; numbers have "
        f"their high byte first. A call takes at most {MAX_ZONES:,} zones.\n"
    )
    yield (
        f"The socket is `${VARIABLE}`, else `${RUNTIME}/{FOLDER}/{NAME}`, else `/tmp/{FOLDER}-UID/{NAME}`. "
        "The libraries speak only with a server of the same user or of root. "
        f"`{SECONDS_VARIABLE}` shortens every wait, for tests.\n"
    )
    clients = ", ".join(f"{each.value} {each.name}" for each in Client)
    yield from _record("Hello, from a library", HELLO)
    yield from _record("Its answer", WELCOME)
    yield f"Libraries: {clients}. Another version is answered with 800E.\n"
    yield from _record("Head of a call", CALL_HEAD)
    yield from _record("Head of an answer", ANSWER_HEAD)
    yield "Parameters, and with code 0 outputs, follow in the order of the declaration; outputs marked * may"
    yield "follow another code, too:\n"
    yield "| number | function | parameters | outputs |\n| --- | --- | --- | --- |"
    seen: set[int] = set()
    for function in (each for recipe in RECIPES for each in recipe.functions):
        if function.in_library or function.number in seen:
            continue
        seen.add(function.number)
        taken, given = (_shapes(record_of(function, answers=answers)) for answers in (False, True))
        mark = " *" if function.tells_on_error else ""
        yield f"| {function.number} | {function.name} | {taken} | {given}{mark} |"
    yield ""


def _record(title: str, record: Record[Any]) -> Iterator[str]:
    yield f"{title}:\n\n| field | form | meaning |\n| --- | --- | --- |"
    for name, field in record.fields.items():
        yield f"| {name} | {field.shape} | {field.doc} |"
    yield ""


def _shapes(record: Record[Any]) -> str:
    return ", ".join(f"{name}: {field.shape}" for name, field in record.fields.items())


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
