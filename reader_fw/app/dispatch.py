"""From a command APDU to its handler and back, by the declarations."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar

from tla_sim.protocol.command import CLA, Authentication, Command
from tla_sim.protocol.commands import COMMANDS
from tla_sim.protocol.status import Status
from tla_sim.reader_fw.app.refusal import Refusal

if TYPE_CHECKING:
    from tla_sim.reader_fw.app.log_sv import LogSv
    from tla_sim.reader_fw.app.session import Session

Q = TypeVar("Q")
A = TypeVar("A")
Handler = Callable[["LogSv", "Session", Q], A]

HANDLERS: Final[dict[int, Handler[Any, Any]]] = {}
"""The handler of each declared command, by instruction."""


def handles(command: Command[Q, A]) -> Callable[[Handler[Q, A]], Handler[Q, A]]:
    """Make a function the handler of `command`. Raises ValueError at import for a second one."""

    def register(handler: Handler[Q, A]) -> Handler[Q, A]:
        if command.ins in HANDLERS:
            raise ValueError(f"{command.name} has two handlers")
        HANDLERS[command.ins] = handler
        return handler

    return register


def declared_command(cla: int, ins: int, p1: int, p2: int) -> Command[Any, Any]:
    """The command a header names. Raises Refusal."""
    if cla != CLA:
        raise Refusal(Status.CLASS_NOT_SUPPORTED)
    command = COMMANDS.get(ins)
    if command is None:
        raise Refusal(Status.INSTRUCTION_NOT_SUPPORTED)
    if p1 or p2:
        raise Refusal(Status.WRONG_PARAMETERS)
    return command


def needs_code(command: Command[Any, Any]) -> bool:
    """Whether the command wants a verified code porteur."""
    return command.needs is Authentication.PS_CODE
