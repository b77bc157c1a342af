"""How a declared function looks in C: its parameters with their types, its prototype.

Source: the types of the public SSV 4.03 headers. The names of parameters are Project-defined.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from tla_sim.host.ssv.declaration import Form, Function, Parameter


class CParameter(NamedTuple):
    """One parameter in C: its type, with the stars, and its name."""

    type: str
    name: str

    def __str__(self) -> str:
        return f"{self.type}{'' if self.type.endswith('*') else ' '}{self.name}"


_TYPES: Final[Mapping[Form, tuple[tuple[str, str], ...]]] = {
    Form.RESOURCE: (("const char *", ""),),
    Form.FILLED_RESOURCE: (("char *", ""),),
    Form.CODE: (("const char *", ""),),
    Form.TEXT: (("const char *", ""),),
    Form.FILLED_TEXT: (("char *", ""),),
    Form.CHAR: (("char", ""),),
    Form.NUMBER: (("unsigned short", ""),),
    Form.BYTE: (("unsigned char", ""),),
    Form.SIZE: (("size_t", ""),),
    Form.MEMORY: (("void *", ""),),
    Form.MEMORY_OUT: (("void **", ""),),
    Form.MOMENT_OUT: (("char *", ""),),
    Form.NUMBER_OUT: (("unsigned short *", ""),),
    Form.BYTE_OUT: (("unsigned char *", ""),),
    Form.ZONE_IN: (("void *", ""), ("size_t", "_size")),
    Form.ZONE_OUT: (("void **", ""), ("size_t *", "_size")),
    Form.ZONES_IN: (("short", "_count"), ("void **", ""), ("size_t *", "_sizes")),
    Form.ZONES_OUT: (("short *", "_count"), ("void **", ""), ("size_t *", "_sizes")),
    Form.SESSION: (("unsigned short", ""),),
    Form.MESSAGE_IN: (("const char *", ""), ("const unsigned int *", "_length")),
    Form.MESSAGE_OUT: (("char *", ""), ("unsigned int *", "_room")),
    Form.BYTES_IN: (("const void *", ""), ("const unsigned short *", "_size")),
    Form.BYTES_OUT: (("void *", ""), ("unsigned short *", "_room")),
    Form.BLOCK_OUT: (("unsigned short *", "_room"), ("void *", "")),
    Form.TEXT_OUT: (("char *", ""),),
    Form.NUMBER_IN_OUT: (("unsigned short *", ""),),
    Form.RESOURCES_OUT: (("InfoRessource *", ""), ("unsigned short *", "_count")),
    Form.COMPONENTS_OUT: (("unsigned short *", "_count"), ("IdentComposant *", "")),
    Form.VALUE_IN: (("const char *", ""), ("size_t", "_size")),
    Form.VALUE_OUT: (("char *", ""), ("size_t *", "_room")),
}
"""The C types of each form, and what follows the parameter's name in theirs."""


def c_parameters(parameter: Parameter) -> tuple[CParameter, ...]:
    """Return what a declared parameter is in C, in order."""
    return tuple(CParameter(type_, parameter.name + suffix) for type_, suffix in _TYPES[parameter.form])


def prototype(function: Function) -> str:
    """Return a function's prototype, without a semicolon."""
    parameters = ", ".join(str(each) for declared in function.parameters for each in c_parameters(declared))
    result = "void" if function.void else "unsigned short"
    return f"{result} API_ENTRY {function.name}({parameters or 'void'})"
