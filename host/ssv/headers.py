"""The C headers of the libraries, written from the declarations: no word of them is from the field's own."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.declaration import Certainty, Function, Library
from tla_sim.host.ssv.functions import SSV_FUNCTIONS
from tla_sim.host.ssv.galss_functions import GALSS_FUNCTIONS
from tla_sim.host.ssv.galss_structures import CLIENT_STRUCTURES, RESOURCE_STRUCTURES
from tla_sim.host.ssv.prototypes import prototype
from tla_sim.host.ssv.sgd_functions import SGD_FUNCTIONS

CODES_HEADER: Final = "ssv_codes.h"
CODE_PREFIX: Final = "SSV_CODE_"

_WIDTH: Final = 110
_NO_BREAK: Final = "\N{NO-BREAK SPACE}"
_NOTICE: Final = "Written by tla-sim from its declarations; not a file of the GIE SESAM-Vitale."
_API_ENTRY: Final = """\
#ifndef API_ENTRY
#ifdef _WIN32
#define API_ENTRY __stdcall
#else
#define API_ENTRY
#endif
#endif
"""


@dataclass(frozen=True)
class Header:
    """A header: its file's name, what its first line says, its functions, and C declarations before them."""

    name: str
    title: str
    functions: tuple[Function, ...]
    preamble: str = ""

    @property
    def text(self) -> str:
        """The whole file."""
        return "\n".join(_lines(self))


def _of(library: Library) -> tuple[Function, ...]:
    return tuple(each for each in GALSS_FUNCTIONS if each.library is library)


HEADERS: Final = (
    Header("ssv.h", "SSV: the workstation's functions for reader, cards and invoices.", SSV_FUNCTIONS),
    Header("sgd.h", "SGD: sessions that hold the groups going into calls and coming out.", SGD_FUNCTIONS),
    Header(
        "galss.h",
        "GALSS: sessions on resources, exclusivity, contexts, messages to the cards.",
        _of(Library.GALSS_CLIENT),
        CLIENT_STRUCTURES,
    ),
    Header(
        "galss_resources.h",
        "GALSS: the table of resources.",
        _of(Library.GALSS_RESOURCES),
        RESOURCE_STRUCTURES,
    ),
)
"""Every header with functions."""


def header_files() -> dict[str, str]:
    """Return the text of every header by its file's name, the one with the codes among them."""
    return {CODES_HEADER: codes_header(), **{each.name: each.text for each in HEADERS}}


def code_name(code: SsvCode) -> str:
    """Return the name of a code in C."""
    return f"{CODE_PREFIX}{code.name}"


def codes_header() -> str:
    """Return the header with a constant for each code that the functions return."""
    widest = max(len(code_name(code)) for code in SsvCode)
    return "\n".join(
        (
            *_comment("The codes that functions of SSV, SGD and GALSS return.", _NOTICE),
            "#ifndef TLA_SSV_CODES_H",
            "#define TLA_SSV_CODES_H",
            "",
            *(f"#define {code_name(code):<{widest}} 0x{code:04X} /* {code.en} */" for code in SsvCode),
            "",
            "#endif",
            "",
        )
    )


def _lines(header: Header) -> Iterator[str]:
    guard = f"TLA_{header.name.replace('.', '_').upper()}"
    yield from _comment(header.title, _NOTICE)
    yield f"#ifndef {guard}"
    yield f"#define {guard}"
    yield ""
    yield "#include <stddef.h>"
    yield ""
    yield f'#include "{CODES_HEADER}"'
    yield ""
    yield _API_ENTRY
    yield "#ifdef __cplusplus"
    yield 'extern "C" {'
    yield "#endif"
    yield ""
    if header.preamble:
        yield header.preamble
    for function in header.functions:
        yield from _comment(function.doc, *_told(function))
        yield from _declaration(function)
        yield ""
    yield "#ifdef __cplusplus"
    yield "}"
    yield "#endif"
    yield ""
    yield "#endif"
    yield ""


def _told(function: Function) -> Iterator[str]:
    for each in function.parameters:
        sure = "" if each.certainty is Certainty.PUBLIC else f" ({each.certainty.value.template})"
        yield f"{each.name}: {each.doc.template}{sure}."


def _comment(*paragraphs: str) -> Iterator[str]:
    """Yield a comment whose paragraphs each begin a line."""
    lines = [line for each in paragraphs for line in textwrap.wrap(each, _WIDTH - 6)]
    if len(lines) == 1:
        yield f"/* {lines[0]} */"
        return
    yield f"/* {lines[0]}"
    yield from (f" * {line}" for line in lines[1:])
    yield " */"


def _declaration(function: Function) -> Iterator[str]:
    """Yield a prototype in lines that break between parameters only."""
    head, _, parameters = f"{prototype(function)};".partition("(")
    whole = ", ".join(each.replace(" ", _NO_BREAK) for each in parameters.split(", "))
    lines = textwrap.wrap(f"{head}(".replace(" ", _NO_BREAK) + whole, _WIDTH, subsequent_indent="    ")
    yield from (line.replace(_NO_BREAK, " ") for line in lines)
