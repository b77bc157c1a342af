"""A program that calls the functions of the GALSS: its parameters checked, its outputs named."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tla_sim.host.ssv import galss_functions as galss
from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.declaration import TEXTS, Form, Function, Parameter
from tla_sim.host.ssv.failure import CallRefused
from tla_sim.host.ssv.frames import build_answer
from tla_sim.host.ssv.server.galss.blocks import Table
from tla_sim.host.ssv.server.galss.desk import GalssDesk
from tla_sim.host.ssv.server.galss.exclusivity import HeldByAnother, parse_wanted
from tla_sim.host.ssv.server.galss.failure import galss_code_of
from tla_sim.host.ssv.server.galss.resources import pack_resources
from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.wire.record import Record, fixed, u32

_LOG: Final = logging.getLogger("tla_sim.ssv")

VERSION: Final = b"3.0"
"""The version that programs are told. Project-defined: the GALSS whose functions these are is at 3."""


@dataclass(frozen=True)
class ComponentVersion:
    """IdentComposant."""

    component: int = u32("0 protocol, 100 resources, 101 client, 102 server")
    version: bytes = fixed(galss.VERSION_ROOM, "its version")


COMPONENT_VERSION: Final = Record(ComponentVersion)
_COMPONENTS: Final = b"".join(
    COMPONENT_VERSION.build(ComponentVersion(number, VERSION + b"\0")) for number in (0, 100, 101, 102)
)

Outputs = Mapping[str, Any]


class GalssProgram:
    """The party of a program that calls the GALSS. Its sessions end with its connection."""

    functions: Mapping[int, Function] = {each.number: each for each in galss.GALSS_FUNCTIONS}

    def __init__(self, desk: GalssDesk) -> None:
        self._desk = desk
        self._handlers: Final[Mapping[Function, Callable[..., Outputs]]] = {
            galss.OUVRIR_SESSION: self._open,
            galss.FERMER_SESSION: self._close,
            galss.DEBUT_EXCLUSIVITE: self._begin,
            galss.FIN_EXCLUSIVITE: self._end,
            galss.ECRIT_CONTEXTE: self._write_context,
            galss.LIT_CONTEXTE: self._read_context,
            galss.ECHANGE: self._exchange,
            galss.LIRE_VERSION: self._version,
            galss.US_DUMP: self._dump,
            galss.DONNE_NOMBRE_RESSOURCES: self._count,
            galss.DONNE_TABLE_RESSOURCES: self._table,
        }

    def answer(self, function: Function, values: Mapping[str, Any]) -> bytes:
        """Carry out a call, and return the body of its answer. Never raises TlaError."""
        try:
            inputs = {each.name: _checked(each, values[each.name]) for each in function.inputs}
            return build_answer(function, 0, self._handlers[function](**inputs))
        except HeldByAnother as error:
            _LOG.info("%s: %s", function.name, error.message)
            told = error if error.ssv == SsvCode.HELD else None
            return build_answer(
                function,
                galss_code_of(error),
                {
                    "holder": told.application.encode() if told else b"",
                    "held": told.resource.encode() if told else b"",
                    "exclusivity": 0,
                },
            )
        except TlaError as error:
            _LOG.info("%s: %s", function.name, error.message)
            return build_answer(function, galss_code_of(error))

    def leave(self) -> None:
        """Close the program's sessions, which ends what it holds."""
        self._desk.leave(self)

    def _open(self, application: str, resource: str) -> Outputs:
        if not application:
            raise CallRefused(SsvCode.PARAMETER, "The application has no name", "Pass one")
        session = self._desk.open(self, application, resource)
        return {"session": session.number, "lad": int(session.lad)}

    def _close(self, session: int) -> Outputs:
        return {"exclusivity": self._desk.close(self, session)}

    def _begin(self, resources: str) -> Outputs:
        number = self._desk.begin(self, parse_wanted(resources))
        return {"holder": b"", "held": b"", "exclusivity": number}

    def _end(self, exclusivity: int) -> Outputs:
        self._desk.end(self, exclusivity)
        return {}

    def _write_context(self, place: int, session: int, context: bytes) -> Outputs:
        self._desk.sessions.write_context(self, place, session, context)
        return {}

    def _read_context(self, place: int, session: int) -> Outputs:
        return {"context": self._desk.sessions.read_context(self, place, session)}

    def _exchange(self, session: int, most_seconds: int, message: bytes) -> Outputs:
        return {"answer": self._desk.exchange(self, session, most_seconds, message)}

    def _version(self) -> Outputs:
        return {"version": VERSION, "components": _COMPONENTS}

    def _dump(self, table: int, session: int, index: int) -> Outputs:  # noqa: ARG002
        try:
            blocks = self._desk.blocks(Table(table))
        except ValueError:
            raise CallRefused(
                SsvCode.PARAMETER, "There is no table {table}", "Name 1 to 4", table=table
            ) from None
        if index >= len(blocks):
            raise CallRefused(SsvCode.NO_CONTEXT, "That was the last block", "Begin again from 0")
        return {"block": blocks[index]}

    def _count(self) -> Outputs:
        return {"count": len(self._desk.resources())}

    def _table(self) -> Outputs:
        return {"resources": pack_resources(self._desk.resources())}


def _checked(parameter: Parameter, value: Any) -> Any:
    """Return a value as the handlers take it: texts decoded. Raises CallRefused with 4000 or 8011."""
    if parameter.form not in TEXTS:
        return value
    try:
        text: str = value.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" not in text and len(value) <= parameter.longest:
        return text
    raise CallRefused(
        SsvCode.NAME if parameter.form is Form.RESOURCE else SsvCode.PARAMETER,
        "The {parameter} takes at most {longest} bytes of UTF-8",
        "Correct it",
        parameter=parameter.doc,
        longest=parameter.longest,
    )
