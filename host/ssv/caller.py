"""A caller of the server in Python: what the C libraries do, for `tla ssv call`, tests and scripts."""

from __future__ import annotations

import os
import socket
import struct
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.declaration import TEXTS, Form, Function
from tla_sim.host.ssv.failure import CallRefused
from tla_sim.host.ssv.frame_reader import FrameReader
from tla_sim.host.ssv.frames import (
    HELLO,
    MAGIC,
    VERSION,
    WELCOME,
    Client,
    Hello,
    build_call,
    build_frame,
    parse_answer,
)
from tla_sim.host.ssv.functions import SSV_FUNCTIONS
from tla_sim.host.ssv.place import socket_path
from tla_sim.protocol.errors import Category, CodecError, ExchangeAbandoned, LinkError, NoAnswer
from tla_sim.protocol.sentence import Sentence

HELLO_S: Final = 5.0
"""Seconds that the server may take to welcome."""
_PIECE: Final = 262_144
_CREDENTIALS: Final = struct.Struct("3i")

CODES: Final[Mapping[int, SsvCode]] = {int(each): each for each in SsvCode}
"""The meaning of every code."""
BY_NAME: Final[Mapping[str, Function]] = {each.name: each for each in SSV_FUNCTIONS}
"""Every function of libssvlux by its name; the server knows the SIS functions as their SSV twins."""


class ServerMissing(LinkError):
    """No server can be reached at the place of its socket."""

    ssv = 0x8002


class VersionsDiffer(LinkError):
    """The server speaks another version of the frames."""

    ssv = 0x800E


class CallLost(ExchangeAbandoned):
    """The server ended in the middle of a call: it may or may not have been carried out."""

    category = Category.UNCERTAIN


class Answer(NamedTuple):
    """What a program gets: the code, and the outputs by name when it is 0."""

    code: int
    outputs: Mapping[str, Any]


class Caller:
    """A connection to a server, as one program has it.

    `path` is the server's socket, by default the user's; `sesam_ini` the program's own sesam.ini. Connects
    at once. Raises ServerMissing, VersionsDiffer, and CallRefused with the code of a server that does not
    serve this program.
    """

    def __init__(
        self,
        path: Path | None = None,
        *,
        program: str = "",
        sesam_ini: Path | None = None,
        client: Client = Client.SSV,
    ) -> None:
        self.path = path or socket_path()
        named = "" if sesam_ini is None else os.fspath(sesam_ini.absolute())
        said = program or Path(sys.argv[0]).name
        self._frames = FrameReader()
        self._socket = _connect(self.path)
        try:
            ini = named.encode("utf-8", "surrogateescape")
            self._greet(Hello(MAGIC, VERSION, client, ini, said.encode("utf-8", "replace")))
        except BaseException:
            self._socket.close()
            raise

    def call(self, function: Function, values: Mapping[str, Any], seconds: float | None = None) -> Answer:
        """Carry out one function with its inputs by name; texts may be str.

        `seconds` is how long to wait, by default the function's declared time. Raises NoAnswer (0400) behind
        it and CallLost (0040) when the server ends; then make a new caller. Raises CodecError for values that
        do not fit.
        """
        patience = function.seconds if seconds is None else seconds
        body = build_call(function, _encoded(function, values), int(patience * 1000))
        return Answer(*parse_answer(function, self._exchange(body, patience)))

    def call_by_name(self, name: str, *inputs: Any) -> Answer:
        """Carry out the SSV or SIS function of a name with its inputs in order. Raises as `call`, and
        KeyError for a name that is none."""
        function = ssv_function(name)
        return self.call(
            function,
            dict(zip((each.name for each in function.inputs), inputs, strict=True)),
        )

    def close(self) -> None:
        """End the connection. May be called twice."""
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _greet(self, hello: Hello) -> None:
        try:
            answer = WELCOME.parse(self._exchange(HELLO.build(hello), HELLO_S))
        except (CallLost, NoAnswer, CodecError):
            raise ServerMissing(
                "What listens on {path} does not answer as a server does", _START, path=self.path
            ) from None
        if answer.version != VERSION or answer.code == SsvCode.VERSIONS:
            raise VersionsDiffer(
                "The server speaks version {theirs} of the frames, this side {ours}",
                "Install both from the same tla-sim",
                theirs=answer.version,
                ours=VERSION,
            )
        if answer.code:
            raise refused(answer.code)

    def _exchange(self, body: bytes, seconds: float) -> bytes:
        until = time.monotonic() + seconds
        try:
            self._socket.settimeout(seconds)
            self._socket.sendall(build_frame(body))
            while (frame := self._frames.next_frame()) is None:
                self._socket.settimeout(max(until - time.monotonic(), 0.001))
                data = self._socket.recv(_PIECE)
                if not data:
                    raise ConnectionResetError
                self._frames.feed(data)
        except TimeoutError:
            self._socket.close()
            raise NoAnswer("The server does not answer in time", "Look what keeps it") from None
        except OSError:
            self._socket.close()
            raise CallLost(
                "The server ended in the middle of a call", "See what it did, then go on"
            ) from None
        return frame


_START: Final = Sentence("Start the server")


def ssv_function(name: str) -> Function:
    """Return the function that the server carries out for the SSV or SIS function of this name.

    Raises KeyError for a name that is none, and for one that the library carries out itself.
    """
    function = BY_NAME[name.replace("SIS_", "SSV_", 1)]
    if function.in_library:
        raise KeyError(name)
    return function


def refused(code: int) -> CallRefused:
    """Return the error of a code, with its meaning."""
    known = CODES.get(code)
    if known is None:
        return CallRefused(
            SsvCode.INCOHERENT, "The server answers with the unknown code {code:04X}", code=code
        )
    return CallRefused(known, known.en)


def _connect(path: Path) -> socket.socket:
    connected = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connected.settimeout(HELLO_S)
        connected.connect(os.fspath(path))
    except (OSError, ValueError):
        connected.close()
        raise ServerMissing("No server can be reached at {path}", _START, path=path) from None
    _, user, _ = _CREDENTIALS.unpack(
        connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    )
    if user not in (os.geteuid(), 0):
        connected.close()
        raise ServerMissing("Another user's server listens at {path}", _START, path=path)
    return connected


def _encoded(function: Function, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs as they travel: texts as UTF-8, zones as bytes."""
    found = {}
    for each in function.inputs:
        value = values[each.name]
        if each.form in TEXTS and isinstance(value, str):
            value = value.encode("utf-8", "surrogateescape")
        found[each.name] = tuple(value) if each.form is Form.ZONES_IN else value
    return found
