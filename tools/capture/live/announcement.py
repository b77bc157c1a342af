"""What a running reader says of itself, and how it is asked: one line of JSON each way (Project-defined)."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, Self

from tla_sim.protocol.errors import CodecError

VERSION: Final = 1
"""The version of the protocol between a running reader and whoever follows it."""
LONGEST_QUESTION: Final = 4_096
LONGEST_ANSWER: Final = 65_536
DESCRIBE: Final = "describe"
TRACE: Final = "trace"


@dataclass(frozen=True, slots=True)
class Announcement:
    """A running reader. `urls` are those of its links, as hosts open them; `state` is its state directory and
    `http` the address of its page, both empty if it has none.
    """

    name: str
    program: str
    pid: int
    urls: tuple[str, ...] = ()
    state: str = ""
    http: str = ""
    version: int = VERSION

    def line(self) -> bytes:
        """Return the answer to `describe`."""
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def parse(cls, line: bytes) -> Self:
        """Return what a reader said. Raises CodecError."""
        given = _object(line)
        values = {each.name: given.get(each.name) for each in fields(cls)}
        texts = (values["name"], values["program"], values["state"], values["http"])
        numbers = (values["pid"], values["version"])
        urls = values["urls"]
        if (
            not all(isinstance(each, str) for each in texts)
            or not all(isinstance(each, int) for each in numbers)
            or not isinstance(urls, list)
            or not all(isinstance(each, str) for each in urls)
        ):
            raise _not_a_reader()
        return cls(**(values | {"urls": tuple(urls)}))


@dataclass(frozen=True, slots=True)
class Question:
    """What a client asks: to describe the reader, or for its trace with these levels below the APDUs."""

    ask: str
    levels: tuple[str, ...] = ()

    def line(self) -> bytes:
        """Return the line that asks it."""
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def parse(cls, line: bytes) -> Self:
        """Return what was asked. Raises CodecError."""
        given = _object(line)
        ask, levels = given.get("ask"), given.get("levels", [])
        if ask not in (DESCRIBE, TRACE) or not isinstance(levels, list):
            raise CodecError("This is not a question for a running reader")
        return cls(ask, tuple(str(each) for each in levels))


def _object(line: bytes) -> dict[str, Any]:
    try:
        given = json.loads(line)
    except ValueError:  # that of Unicode is one
        raise _not_a_reader() from None
    except RecursionError:
        raise _not_a_reader() from None
    if not isinstance(given, dict):
        raise _not_a_reader()
    return given


def _not_a_reader() -> CodecError:
    return CodecError("What listens there does not speak as a running reader does")
