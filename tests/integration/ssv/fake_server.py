"""A server for the C libraries that says what a test wants: sound answers, garbage, or nothing."""

from __future__ import annotations

import ctypes
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tla_sim.host.ssv.declaration import Form, Function
from tla_sim.host.ssv.frames import (
    HELLO,
    LENGTH_BYTES,
    VERSION,
    WELCOME,
    Hello,
    Values,
    Welcome,
    build_answer,
    build_frame,
    parse_call,
)
from tla_sim.host.ssv.functions import AT_SERVER
from tla_sim.host.ssv.galss_functions import GALSS_FUNCTIONS

BY_NUMBER: Final[Mapping[int, Function]] = {each.number: each for each in (*AT_SERVER, *GALSS_FUNCTIONS)}
PATIENCE: Final = 60.0
SYS_SETRESUID: Final = 117
"""Of Linux on x86-64."""

ZONE: Final = bytes.fromhex("0001020154")
"""Group 1 with one field, T."""

USUAL: Final[Mapping[Form, Any]] = {
    Form.ZONE_OUT: ZONE,
    Form.ZONES_OUT: (ZONE, b"", ZONE * 2),
    Form.MOMENT_OUT: b"202611291004",
    Form.NUMBER_OUT: 1,
    Form.BYTE_OUT: 1,
    Form.TEXT_OUT: b"3.0",
    Form.MESSAGE_OUT: b"\0\3\1",
    Form.BYTES_OUT: b"abcd",
    Form.BLOCK_OUT: bytes(90),
    Form.RESOURCES_OUT: bytes(2 * 26),
    Form.COMPONENTS_OUT: bytes(2 * 8),
}


@dataclass(frozen=True)
class Call:
    """A call as it came: the function, its values by name, the milliseconds that the library waits."""

    function: Function
    values: dict[str, Any]
    patience: int


Manner = Callable[[socket.socket, Call], bool]
"""What the server does about a call; whether it goes on with this connection."""


def usual_outputs(function: Function) -> dict[str, Any]:
    """Return the outputs that the server gives where a test says nothing else."""
    return {each.name: USUAL[each.form] for each in function.outputs}


def answer_usually(connection: socket.socket, call: Call) -> bool:
    """Answer 0 with the usual outputs."""
    connection.sendall(build_frame(build_answer(call.function, 0, usual_outputs(call.function))))
    return True


def answer_with(code: int = 0, **outputs: Any) -> Manner:
    """Answer with this code, or these outputs."""

    def answer(connection: socket.socket, call: Call) -> bool:
        values: Values = usual_outputs(call.function) | outputs
        connection.sendall(build_frame(build_answer(call.function, code, values)))
        return True

    return answer


def send_raw(raw: bytes, *, stay: bool = True) -> Manner:
    """Send these bytes for an answer."""

    def answer(connection: socket.socket, _call: Call) -> bool:
        connection.sendall(raw)
        return stay

    return answer


def go_away(_connection: socket.socket, _call: Call) -> bool:
    """Close the connection, as a killed server does."""
    return False


def say_nothing(_connection: socket.socket, _call: Call) -> bool:
    """Leave the call without an answer."""
    return True


@dataclass
class FakeServer:
    """What came, and what is said to it. `manners` are for the next calls, `manner` for those after."""

    path: Path
    manner: Manner = answer_usually
    manners: list[Manner] = field(default_factory=list)
    welcome: bytes = build_frame(WELCOME.build(Welcome(VERSION, 0)))
    hellos: list[Hello] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)
    ended: int = 0
    """How many connections ended."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def last(self) -> Call:
        """Return the last call, which there must be."""
        return self.calls[-1]

    def attend(self, connection: socket.socket) -> None:
        """Speak with one library until it goes away."""
        try:
            with connection:
                self._converse(connection)
        except (ConnectionError, struct.error):
            pass
        except BaseException as error:
            self.errors.append(error)
        finally:
            with self.lock:
                self.ended += 1

    def _converse(self, connection: socket.socket) -> None:
        hello = _receive(connection)
        if hello is None:
            return
        self.hellos.append(HELLO.parse(hello))
        connection.sendall(self.welcome)
        while (body := _receive(connection)) is not None:
            call = Call(*parse_call(body, BY_NUMBER))
            with self.lock:
                self.calls.append(call)
                manner = self.manners.pop(0) if self.manners else self.manner
            if not manner(connection, call):
                return


def _receive(connection: socket.socket) -> bytes | None:
    length = _exactly(connection, LENGTH_BYTES)
    return None if length is None else _exactly(connection, int.from_bytes(length, "big"))


def _exactly(connection: socket.socket, size: int) -> bytes | None:
    found = bytearray()
    while len(found) < size:
        more = connection.recv(size - len(found))
        if not more:
            return None
        found += more
    return bytes(found)


@contextmanager
def serving(path: Path, user: int | None = None) -> Iterator[FakeServer]:
    """Serve at this path until the block ends. Raises what went wrong in the server.

    `user` is whose server it is to be, where these tests may say so.
    """
    server = FakeServer(path)
    path.unlink(missing_ok=True)
    connections: list[socket.socket] = []
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        _listen(listening, user)

        def accept() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                connections.append(connection)
                threading.Thread(target=server.attend, args=(connection,), daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join(PATIENCE)
            for each in connections:
                _hang_up(each)
            path.unlink(missing_ok=True)
    if server.errors:
        raise server.errors[0]


def _listen(listening: socket.socket, user: int | None) -> None:
    """Listen, for another user in a thread of that user's: what counts is who calls listen()."""
    if user is None:
        listening.listen()
        return
    libc = ctypes.CDLL(None, use_errno=True)

    def listen() -> None:
        # The system call itself: that of the C library would change the user of every thread.
        libc.syscall(SYS_SETRESUID, -1, user, -1)
        listening.listen()

    thread = threading.Thread(target=listen)
    thread.start()
    thread.join()


def _hang_up(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
