"""The frames between the C libraries and the server, on a Unix stream socket. Project-defined.

Each frame is a u32 length and a body of that many bytes, at most 32 MiB; numbers are big-endian. The
program's side begins with a hello, which the server answers with its version and a code; then calls and
answers alternate. The bodies of both derive from the declarations of the functions, here as in the C sources
that are written from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, make_dataclass
from enum import IntEnum
from functools import cache
from typing import Any, Final

from tla_sim.host.ssv.declaration import TEXTS, Form, Function, Parameter
from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.wire.record import Record, blob16, blob32, blobs32, choice, fixed, u8, u16, u32

VERSION: Final = 1
MAGIC: Final = b"TLASSV"
LENGTH_BYTES: Final = 4
MAX_FRAME_BYTES: Final = 32 * 1024 * 1024
MAX_ZONES: Final = 4_096
"""Zones in one call at most."""


class Client(IntEnum):
    """Which library speaks."""

    SSV = 1
    GALSS = 2


@dataclass(frozen=True)
class Hello:
    """What a library says first."""

    magic: bytes = fixed(6, "TLASSV")
    version: int = u16("of the frames")
    client: Client = choice(Client, "which library speaks")
    sesam_ini: bytes = blob16("absolute path of sesam.ini, UTF-8; empty for the server's own")
    program: bytes = blob16("name of the program, UTF-8")


@dataclass(frozen=True)
class Welcome:
    """The server's answer. It closes the connection behind a code other than 0."""

    version: int = u16("of the server's frames")
    code: int = u16("0, or why the server does not serve")


@dataclass(frozen=True)
class CallHead:
    """What every call begins with; its parameters follow."""

    function: int = u16("number of the function")
    patience: int = u32("milliseconds that the library waits for the answer")


@dataclass(frozen=True)
class AnswerHead:
    """What every answer begins with; outputs follow when the code is 0."""

    code: int = u16("the function's code")


HELLO: Final = Record(Hello)
WELCOME: Final = Record(Welcome)
CALL_HEAD: Final = Record(CallHead)
ANSWER_HEAD: Final = Record(AnswerHead)

Values = Mapping[str, Any]
"""Values by the name of their parameter: bytes for texts and zones, a tuple of bytes for zones, an int."""


_BYTES: Final = (Form.BYTES_IN, Form.BYTES_OUT, Form.BLOCK_OUT, Form.RESOURCES_OUT, Form.COMPONENTS_OUT)


def _travels(parameter: Parameter) -> Any:
    """Return the field of a parameter on the socket."""
    form, doc = parameter.form, parameter.name
    if form in TEXTS or form in (Form.MOMENT_OUT, Form.TEXT_OUT, Form.MESSAGE_IN, Form.MESSAGE_OUT):
        return blob16(doc)
    if form in (Form.CHAR, Form.BYTE, Form.BYTE_OUT):
        return u8(doc)
    if form in (Form.NUMBER, Form.NUMBER_IN_OUT, Form.NUMBER_OUT):
        return u16(doc)
    if form in (Form.ZONE_IN, Form.ZONE_OUT, *_BYTES):
        return blob32(doc)
    if form in (Form.ZONES_IN, Form.ZONES_OUT):
        return blobs32(doc)
    raise ValueError(f"{form} does not travel")


@cache
def record_of(function: Function, *, answers: bool) -> Record[Any]:
    """Return the record of a function's parameters, or that of its outputs."""
    parameters = function.outputs if answers else function.inputs
    fields = [(each.name, object, _travels(each)) for each in parameters]
    name = f"{function.name}{'Answer' if answers else 'Call'}"
    # Without a repr: a code porteur may be among the values.
    return Record(make_dataclass(name, fields, frozen=True, repr=False))


def build_frame(body: bytes) -> bytes:
    """Return a body behind its length. Raises CodecError for more than 32 MiB."""
    if len(body) > MAX_FRAME_BYTES:
        raise CodecError("A frame takes at most {most} bytes", "Send less", most=MAX_FRAME_BYTES)
    return len(body).to_bytes(LENGTH_BYTES, "big") + body


def build_call(function: Function, values: Values, patience_ms: int) -> bytes:
    """Return the body of a call. Raises CodecError when a value does not fit."""
    record = record_of(function, answers=False)
    head = CALL_HEAD.build(CallHead(function.number, patience_ms))
    return head + _build(record, values)


def parse_call(body: bytes, functions: Mapping[int, Function]) -> tuple[Function, dict[str, Any], int]:
    """Return the function, its values by name and the caller's patience in ms. Raises CodecError."""
    head, end = CALL_HEAD.parse_prefix(body)
    function = functions.get(head.function)
    if function is None:
        raise CodecError("There is no function {number}", "Update the server", number=head.function)
    return function, _parse(record_of(function, answers=False), body[end:]), head.patience


def build_answer(function: Function, code: int, values: Values | None = None) -> bytes:
    """Return the body of an answer; with a code, `values` are left out unless the function tells them."""
    head = ANSWER_HEAD.build(AnswerHead(code))
    if values is None or (code and not function.tells_on_error):
        return head
    return head + _build(record_of(function, answers=True), values)


def parse_answer(function: Function, body: bytes) -> tuple[int, dict[str, Any]]:
    """Return the code, and the outputs by name when it is 0 or the function tells them. Raises CodecError."""
    head, end = ANSWER_HEAD.parse_prefix(body)
    if head.code and not (function.tells_on_error and end != len(body)):
        if end != len(body):
            raise CodecError("The answer is longer than it says", "Update the server")
        return head.code, {}
    return head.code, _parse(record_of(function, answers=True), body[end:])


def _build(record: Record[Any], values: Values) -> bytes:
    if not record.fields:
        return b""
    return record.build(record.type(**{name: values[name] for name in record.fields}))


def _parse(record: Record[Any], raw: bytes) -> dict[str, Any]:
    value = record.parse(raw)
    found = {name: getattr(value, name) for name in record.fields}
    for each in found.values():
        if type(each) is tuple and len(each) > MAX_ZONES:
            raise CodecError("A call takes at most {most} zones", "Call several times", most=MAX_ZONES)
    return found
