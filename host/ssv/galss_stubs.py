"""The C marshalling of the GALSS's functions, written from their declarations.

What the bodies are made of is in `native/galss_call.h`, written by hand; so is usDump.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from tla_sim.host.ssv.declaration import Form, Function, Library, Parameter
from tla_sim.host.ssv.galss_functions import GALSS_FUNCTIONS, US_DUMP
from tla_sim.host.ssv.prototypes import c_parameters, prototype

_NOTICE: Final = "/* Written by tla_sim.host.ssv.galss_stubs from the declarations. */"


def _text(parameter: Parameter) -> str:
    presence = "OPTIONAL" if parameter.optional else "REQUIRED"
    return f"call_text(&call, {parameter.name}, {parameter.longest}, {presence})"


def _plain(verb: str) -> Callable[[Parameter], str]:
    def write(parameter: Parameter) -> str:
        return f"{verb}(&call, {', '.join(each.name for each in c_parameters(parameter))})"

    return write


def _given(verb: str) -> Callable[[Parameter], str]:
    def write(parameter: Parameter) -> str:
        presence = "OPTIONAL" if parameter.optional else "REQUIRED"
        room = f"{parameter.longest}, " if parameter.form is Form.TEXT_OUT else ""
        return f"{verb}(&call, {parameter.name}, {room}{presence})"

    return write


_STATEMENTS: Final[Mapping[Form, Callable[[Parameter], str]]] = {
    Form.TEXT: _text,
    Form.RESOURCE: lambda parameter: f"call_resource(&call, {parameter.name}, {parameter.longest})",
    Form.NUMBER: _plain("call_number"),
    Form.BYTES_IN: _plain("galss_bytes"),
    Form.MESSAGE_IN: _plain("galss_message"),
    Form.TEXT_OUT: _given("galss_text_out"),
    Form.NUMBER_OUT: _given("galss_number_out"),
    Form.BYTE_OUT: _given("galss_byte_out"),
    Form.BYTES_OUT: _plain("galss_bytes_out"),
    Form.MESSAGE_OUT: _plain("galss_message_out"),
    Form.RESOURCES_OUT: _plain("galss_resources_out"),
    Form.COMPONENTS_OUT: _plain("galss_components_out"),
}
"""The statement that takes a parameter into the call."""


def client_calls_source() -> str:
    """Return the C source of the client's functions, but for usDump."""
    return _source("galss.h", Library.GALSS_CLIENT)


def resource_calls_source() -> str:
    """Return the C source of the functions about resources."""
    return _source("galss_resources.h", Library.GALSS_RESOURCES)


def galss_numbers_header() -> str:
    """Return the C header with what usDump's declaration says."""
    defines = (
        f"#define GALSS_US_DUMP {US_DUMP.number}",
        f"#define GALSS_US_DUMP_SECONDS {US_DUMP.seconds}",
    )
    guard = "TLA_GALSS_NUMBERS_H"
    return "\n".join((_NOTICE, f"#ifndef {guard}", f"#define {guard}", "", *defines, "", "#endif", ""))


def _source(header: str, library: Library) -> str:
    written = [each for each in GALSS_FUNCTIONS if each.library is library and each is not US_DUMP]
    lines = (line for each in written for line in _body(each))
    return "\n".join((_NOTICE, f'#include "{header}"', "", '#include "galss_call.h"', *lines, ""))


def _body(function: Function) -> Iterator[str]:
    yield ""
    yield f"TLA_EXPORT {prototype(function)}"
    yield "{"
    yield "    struct call call;"
    yield ""
    yield f'    galss_begin(&call, "{function.name}", {function.number}, {function.seconds});'
    if function.tells_on_error:
        yield "    call.told_on_error = 1;"
    for each in (*function.inputs, *function.outputs):
        yield f"    {_STATEMENTS[each.form](each)};"
    yield "    return galss_carry_out(&call);"
    yield "}"
