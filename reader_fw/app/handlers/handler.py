"""What a handler is: it takes a command's request for a link's session, and gives its response."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

if TYPE_CHECKING:
    from tla_sim.protocol.commands.declaration import Command
    from tla_sim.reader_fw.app.log_sv import LogSv
    from tla_sim.reader_fw.app.session import Session

Q = TypeVar("Q")
A = TypeVar("A")
Handler = Callable[["LogSv", "Session", Q], A]
"""It raises Refusal, or any other FirmwareFailure, for what it does not do."""


class Handled(NamedTuple):
    """A command with its handler."""

    command: Command[Any, Any]
    handler: Handler[Any, Any]


def bind_handler(command: Command[Q, A], handler: Handler[Q, A]) -> Handled:
    """Return the pair, whose types must fit."""
    return Handled(command, handler)
