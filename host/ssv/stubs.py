"""The C marshalling, written from the declarations: a function's parameters to a call, its answer to outputs.

What the bodies are made of is in `native/call.h` and `native/sis.h`, written by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.declaration import MOMENT_ROOM, ZONES, Form, Function, Parameter
from tla_sim.host.ssv.frames import LENGTH_BYTES, MAGIC, MAX_FRAME_BYTES, MAX_ZONES, VERSION, Client
from tla_sim.host.ssv.functions import AT_SERVER
from tla_sim.host.ssv.place import FOLDER, NAME, RUNTIME, SECONDS_VARIABLE, VARIABLE
from tla_sim.host.ssv.prototypes import c_parameters, prototype
from tla_sim.protocol.groups.zone_data import MAX_ZONE_BYTES

_NOTICE: Final = "/* Written by tla_sim.host.ssv.stubs from the declarations. */"


def _text(parameter: Parameter) -> str:
    presence = "OPTIONAL" if parameter.optional else "REQUIRED"
    return f"call_text(&call, {parameter.name}, {parameter.longest}, {presence})"


def _resource(parameter: Parameter) -> str:
    return f"call_resource(&call, {parameter.name}, {parameter.longest})"


def _plain(verb: str) -> Callable[[Parameter], str]:
    def write(parameter: Parameter) -> str:
        return f"{verb}(&call, {', '.join(each.name for each in c_parameters(parameter))})"

    return write


_STATEMENTS: Final[Mapping[Form, Callable[[Parameter], str]]] = {
    Form.RESOURCE: _resource,
    Form.FILLED_RESOURCE: _resource,
    Form.CODE: _text,
    Form.TEXT: _text,
    Form.FILLED_TEXT: _text,
    Form.CHAR: lambda parameter: f"call_byte(&call, (uint8_t){parameter.name})",
    Form.BYTE: _plain("call_byte"),
    Form.NUMBER: _plain("call_number"),
    Form.ZONE_IN: _plain("call_zone"),
    Form.ZONES_IN: _plain("call_zones"),
    Form.ZONE_OUT: _plain("call_zone_out"),
    Form.ZONES_OUT: _plain("call_zones_out"),
    Form.MOMENT_OUT: _plain("call_moment_out"),
}
"""The statement that takes a parameter into the call."""


def calls_source() -> str:
    """Return the C source of the SSV functions that the server carries out, and of their SIS twins."""
    return "\n".join(
        (
            _NOTICE,
            '#include "ssv.h"',
            "",
            '#include "sis.h"',
            '#include "ssv_link.h"',
            *(line for each in AT_SERVER for line in _ssv_body(each)),
            *(line for each in AT_SERVER for line in _sis_body(each)),
            "",
        )
    )


def _ssv_body(function: Function) -> Iterator[str]:
    yield from _head(function, function)
    for each in (*function.inputs, *function.outputs):
        yield f"    {_STATEMENTS[each.form](each)};"
    yield "    return call_carry_out(&call);"
    yield "}"


def _sis_body(function: Function) -> Iterator[str]:
    yield from _head(function.twin(), function)
    if function.has_zones:
        yield "    call_for_session(&call, session);"
    for each in (*function.inputs, *function.outputs):
        yield from _session_statements(function, each)
    yield f"    return call_carry_out{'_for_session' if function.has_zones else ''}(&call);"
    yield "}"


def _head(named: Function, called: Function) -> Iterator[str]:
    yield ""
    yield f"TLA_EXPORT {prototype(named)}"
    yield "{"
    yield "    struct call call;"
    yield ""
    yield f'    call_begin(&call, &SSV_LINK, "{named.name}", {called.number}, {called.seconds});'


def _session_statements(function: Function, parameter: Parameter) -> Iterator[str]:
    match parameter.form:
        case Form.ZONES_IN:
            headers = ", ".join(str(each) for each in function.splits)
            count = len(function.splits)
            yield f"    call_session_zones(&call, (const uint16_t[]){{{headers}}}, {count});"
        case form if form in ZONES:
            yield f"    call_session_{form.name.lower().removesuffix('_in')}(&call);"
        case form:
            yield f"    {_STATEMENTS[form](parameter)};"


def numbers_header() -> str:
    """Return the C header with the numbers of the frames, and where the socket is."""
    values: dict[str, object] = {
        "FRAME_VERSION": VERSION,
        "FRAME_MAGIC": f'"{MAGIC.decode()}"',
        "FRAME_LENGTH_BYTES": LENGTH_BYTES,
        "FRAME_MOST_BYTES": f"{MAX_FRAME_BYTES}u",
        "FRAME_MOST_ZONES": f"{MAX_ZONES}u",
        "FRAME_MOST_ZONE_BYTES": f"{MAX_ZONE_BYTES}u",
        "FRAME_MOMENT_BYTES": MOMENT_ROOM - 1,
        **{f"CLIENT_{each.name}": each.value for each in Client},
        "PLACE_VARIABLE": f'"{VARIABLE}"',
        "PLACE_SECONDS": f'"{SECONDS_VARIABLE}"',
        "PLACE_RUNTIME": f'"{RUNTIME}"',
        "PLACE_FOLDER": f'"{FOLDER}"',
        "PLACE_NAME": f'"{NAME}"',
    }
    defines = (f"#define {name} {value}" for name, value in values.items())
    guard = "TLA_FRAME_NUMBERS_H"
    return "\n".join((_NOTICE, f"#ifndef {guard}", f"#define {guard}", "", *defines, "", "#endif", ""))


def words_source() -> str:
    """Return the C source of `code_words`, as `native/code_words.h` declares it."""
    cases = (f"    case 0x{code:04X}:\n        return {_literal(code.en)};" for code in SsvCode)
    return "\n".join(
        (
            _NOTICE,
            '#include "code_words.h"',
            "",
            "const char *code_words(uint16_t code)",
            "{",
            "    switch (code) {",
            *cases,
            "    default:",
            '        return "";',
            "    }",
            "}",
            "",
        )
    )


def _literal(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
