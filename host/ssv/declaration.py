"""How a C function of the field's libraries is declared: once, for headers, C sources, server and pages."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import cached_property
from typing import Final

from tla_sim.host.ssv.codes import SsvCode
from tla_sim.protocol.sentence import Sentence

MAX_RESOURCE: Final = 8
MAX_CODE: Final = 8
MAX_DATE: Final = 14
MOMENT_ROOM: Final = 13
"""Bytes of the buffer for a moment: AAAAMMJJhhmm and a NUL. Inferred."""


class Certainty(Enum):
    """How sure the facts behind a declaration are."""

    PUBLIC = Sentence("public and exact")
    MEASURED = Sentence("measured with programs of others")
    INFERRED = Sentence("inferred, no source states it")
    PROJECT = Sentence("Project-defined")


class Form(Enum):
    """What a parameter is, which decides its C type and how it travels to the server."""

    RESOURCE = auto()
    """`const char *`, the name of a resource of galss.ini."""
    FILLED_RESOURCE = auto()
    """`char *`, the name of a resource, which is only read."""
    CODE = auto()
    """`const char *`, a code porteur, which nothing ever shows."""
    TEXT = auto()
    """`const char *`."""
    FILLED_TEXT = auto()
    """`char *` of the program's own, which is only read."""
    CHAR = auto()
    """`char`."""
    NUMBER = auto()
    """`unsigned short`."""
    BYTE = auto()
    """`unsigned char`."""
    SIZE = auto()
    """`size_t`."""
    MEMORY = auto()
    """`void *`, memory of the library that comes back to it."""
    MEMORY_OUT = auto()
    """`void **`: the library allocates what an earlier or later size says."""
    MOMENT_OUT = auto()
    """`char *`, room for 13 bytes."""
    NUMBER_OUT = auto()
    """`unsigned short *`."""
    BYTE_OUT = auto()
    """`unsigned char *`."""
    ZONE_IN = auto()
    """`void *` and `size_t`."""
    ZONE_OUT = auto()
    """`void **` and `size_t *`: the library allocates."""
    ZONES_IN = auto()
    """`short`, `void **` and `size_t *`."""
    ZONES_OUT = auto()
    """`short *`, `void **` and `size_t *`: the arrays are the program's, the zones the library's."""
    SESSION = auto()
    """`unsigned short`, a session of SGD in place of all zones."""
    MESSAGE_IN = auto()
    """`char *` and a pointer to its length of 32 bits."""
    MESSAGE_OUT = auto()
    """`char *` and a pointer to 32 bits: the room on entry, the length on return."""
    BYTES_IN = auto()
    """`const void *` and a pointer to its length of 16 bits."""
    BYTES_OUT = auto()
    """`void *` and a pointer to 16 bits: the room on entry, the length on return."""
    BLOCK_OUT = auto()
    """The same two the other way round."""
    TEXT_OUT = auto()
    """`char *`, with room for the longest text and a NUL."""
    NUMBER_IN_OUT = auto()
    """`unsigned short *`, which is read, and which the library sets."""
    RESOURCES_OUT = auto()
    """An array of InfoRessource and a pointer to 16 bits: how many fit on entry, how many there are."""
    COMPONENTS_OUT = auto()
    """A pointer to 16 bits as before, and an array of IdentComposant."""
    VALUE_IN = auto()
    """`const char *` and `size_t`: the bytes of a field."""
    VALUE_OUT = auto()
    """`char *` and `size_t *`: the room on entry, the length on return."""


ZONES: Final = (Form.ZONE_IN, Form.ZONE_OUT, Form.ZONES_IN, Form.ZONES_OUT)
OUTPUTS: Final = (
    Form.MOMENT_OUT,
    Form.MEMORY_OUT,
    Form.NUMBER_OUT,
    Form.BYTE_OUT,
    Form.ZONE_OUT,
    Form.ZONES_OUT,
    Form.MESSAGE_OUT,
    Form.BYTES_OUT,
    Form.BLOCK_OUT,
    Form.TEXT_OUT,
    Form.RESOURCES_OUT,
    Form.COMPONENTS_OUT,
    Form.VALUE_OUT,
)
RESOURCES: Final = (Form.RESOURCE, Form.FILLED_RESOURCE)
TEXTS: Final = (*RESOURCES, Form.CODE, Form.TEXT, Form.FILLED_TEXT)


@dataclass(frozen=True)
class Parameter:
    """One parameter of a function, which may be several in C.

    `name` is the server's name for it; `longest` the most characters of a text (bytes of UTF-8); `optional`
    says that NULL is taken as an empty text.
    """

    name: str
    form: Form
    doc: Sentence
    longest: int = 0
    optional: bool = False
    certainty: Certainty = Certainty.PUBLIC

    @property
    def is_output(self) -> bool:
        """Whether the function gives it back."""
        return self.form in OUTPUTS


class Library(Enum):
    """The library that a function is in: its name in file names, and its header."""

    SSV = "ssv"
    SGD = "sgd"
    GALSS_CLIENT = "galcl"
    GALSS_RESOURCES = "galin"


@dataclass(frozen=True, eq=False)
class Function:
    """One function of the field's libraries.

    `number` names it on the socket, 0 when it runs in the library itself; `codes` are those it may return
    besides 0 and those of every call; `commands` the reader's commands behind it, by name; `seconds` how long
    the library waits for the server; `splits` the numbers of the groups that begin a zone, for a session
    that stands for several; `repeatable` says that a call may be made again after a protocol error;
    `needs_reader` that it speaks to the reader: one that does not works with no reader on the cable;
    `contents` says how sure it is what its zones hold;
    `tells_on_error` that its outputs come back with a code, too.
    """

    name: str
    library: Library
    parameters: tuple[Parameter, ...]
    doc: Sentence
    number: int = 0
    codes: tuple[SsvCode, ...] = ()
    commands: tuple[str, ...] = ()
    certainty: Certainty = Certainty.PUBLIC
    contents: Certainty | None = None
    seconds: int = 60
    splits: tuple[int, ...] = ()
    repeatable: bool = True
    needs_reader: bool = True
    void: bool = False
    tells_on_error: bool = False

    @cached_property
    def inputs(self) -> tuple[Parameter, ...]:
        """What travels to the server."""
        return tuple(each for each in self.parameters if not each.is_output)

    @cached_property
    def outputs(self) -> tuple[Parameter, ...]:
        """What comes back."""
        return tuple(each for each in self.parameters if each.is_output)

    @property
    def in_library(self) -> bool:
        """Whether the library carries it out without a server."""
        return self.number == 0

    @property
    def has_zones(self) -> bool:
        """Whether a session can stand for its zones."""
        return any(each.form in ZONES for each in self.parameters)

    def twin(self) -> Function:
        """Return the SIS function: the same with one session in place of all zones and sizes."""
        others = tuple(each for each in self.parameters if each.form not in ZONES)
        session = Parameter("session", Form.SESSION, Sentence("the session of SGD with the zones"))
        return replace(
            self,
            name=self.name.replace("SSV_", "SIS_", 1),
            parameters=(*others, session) if self.has_zones else others,
        )
