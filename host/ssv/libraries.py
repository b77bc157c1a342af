"""The C libraries: their names, their sources by hand, and the sources written from the declarations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

from tla_sim.host.ssv.declaration import Function, Library
from tla_sim.host.ssv.functions import SSV_FUNCTIONS
from tla_sim.host.ssv.galss_functions import GALSS_FUNCTIONS
from tla_sim.host.ssv.galss_stubs import client_calls_source, galss_numbers_header, resource_calls_source
from tla_sim.host.ssv.group_table import group_table
from tla_sim.host.ssv.headers import header_files
from tla_sim.host.ssv.sgd_functions import SGD_FUNCTIONS, SGD_SOURCES
from tla_sim.host.ssv.stubs import calls_source, numbers_header, words_source

SOURCES: Final = Path(__file__).resolve().with_name("native")
"""The C sources by hand."""

LINK_SOURCES: Final = ("link.c", "stream.c", "place.c", "code_words.c", "sgd_trace.c")
"""What a library needs that calls the server."""
CALL_SOURCES: Final = (*LINK_SOURCES, "call.c", "reply.c")
"""What its functions written from the declarations need besides."""

GALSS_SOURCES: Final = (*CALL_SOURCES, "galss.c", "galss_values.c", "galss_tables.c")
"""What each library of the GALSS needs besides its functions."""

INSIDE: Final = ("tla_sgd_drop_output", "tla_sgd_give_output", "tla_sgd_take_input")
"""What libsgdlux exports for libssvlux alone."""


@dataclass(frozen=True)
class Recipe:
    """How a library is made.

    `sources` are names of C files, by hand or written; `functions` what it exports; `inside` what it exports
    for other libraries; `needs` the libraries of the same naming that it is linked to; `in_64` says that
    there is a second naming, with 64 at the end.
    """

    library: Library
    sources: tuple[str, ...]
    functions: tuple[Function, ...]
    inside: tuple[str, ...] = ()
    needs: tuple[Library, ...] = ()
    in_64: bool = True

    @property
    def exports(self) -> frozenset[str]:
        """The names of all symbols that it exports."""
        return frozenset((*(each.name for each in self.functions), *self.inside))


RECIPES: Final = (
    Recipe(Library.SGD, (*SGD_SOURCES, "group_table.c"), SGD_FUNCTIONS, inside=INSIDE),
    Recipe(
        Library.GALSS_CLIENT,
        (*GALSS_SOURCES, "us_dump.c", "galss_client_calls.c"),
        tuple(each for each in GALSS_FUNCTIONS if each.library is Library.GALSS_CLIENT),
        in_64=False,
    ),
    Recipe(
        Library.GALSS_RESOURCES,
        (*GALSS_SOURCES, "galss_resource_calls.c"),
        tuple(each for each in GALSS_FUNCTIONS if each.library is Library.GALSS_RESOURCES),
        in_64=False,
    ),
    Recipe(
        Library.SSV,
        (*CALL_SOURCES, "outputs.c", "sis.c", "memory.c", "ssv.c", "ssv_calls.c"),
        SSV_FUNCTIONS,
        needs=(Library.SGD,),
    ),
)
"""Every library, each behind those that it needs."""

FUNCTIONS: Final = tuple(function for recipe in RECIPES for function in recipe.functions)
"""Every function of every library."""

WRITTEN: Final[Mapping[str, Callable[[], str]]] = MappingProxyType(
    {
        "code_words.c": words_source,
        "frame_numbers.h": numbers_header,
        "galss_client_calls.c": client_calls_source,
        "galss_numbers.h": galss_numbers_header,
        "galss_resource_calls.c": resource_calls_source,
        "group_table.c": group_table,
        "ssv_calls.c": calls_source,
    }
)
"""The C files for the libraries alone that are written from the declarations."""


@dataclass(frozen=True)
class LibraryFile:
    """A library under one of its names."""

    recipe: Recipe
    suffix: str = ""
    name: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", file_name(self.recipe.library, self.suffix))

    @property
    def needed(self) -> tuple[str, ...]:
        """The names of the libraries that it is linked to."""
        return tuple(file_name(each, self.suffix) for each in self.recipe.needs)


def file_name(library: Library, suffix: str = "") -> str:
    """Return the name of a library's file, which is its SONAME too."""
    return f"lib{library.value}lux{suffix}.so"


def library_files(bits: int) -> tuple[LibraryFile, ...]:
    """Return every library by each of its names: those of SSV 4.03, for 64 bits those of FSV 1.40.14 too."""
    plain = tuple(LibraryFile(each) for each in RECIPES)
    return plain if bits != 64 else (*plain, *(LibraryFile(each, "64") for each in RECIPES if each.in_64))


def write_sources(folder: Path) -> None:
    """Write the public headers and the C files from the declarations into a folder."""
    for name, text in header_files().items():
        (folder / name).write_text(text, "utf-8")
    for name, write in WRITTEN.items():
        (folder / name).write_text(write(), "utf-8")
