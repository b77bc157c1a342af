"""The type of a handler: it takes the request of a command on a link's session, and returns the response."""

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
"""It raises Refusal, or another FirmwareFailure, when it does not do what was asked."""


class Handled(NamedTuple):
    """A command with its handler."""

    command: Command[Any, Any]
    handler: Handler[Any, Any]


def bind_handler(command: Command[Q, A], handler: Handler[Q, A]) -> Handled:
    """Return a command with its handler; type checkers make sure that the two fit."""
    return Handled(command, handler)
