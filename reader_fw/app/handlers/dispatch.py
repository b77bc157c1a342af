"""From a command APDU's header to the command and its handler, by the declarations.

A topic, its declarations and its handlers, is loaded when the first of its instructions comes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tla_sim.protocol.commands.declaration import CLA
from tla_sim.protocol.commands.instructions import Ins, Topic
from tla_sim.protocol.commands.status import Status
from tla_sim.reader_fw.app.refusal import Refusal

if TYPE_CHECKING:
    from tla_sim.reader_fw.app.handlers.handler import Handled

_LOADED: Final[dict[int, Handled]] = {}


def declared_command(cla: int, ins: int, p1: int, p2: int) -> Handled:
    """The command that a header names, with its handler. Raises Refusal."""
    if cla != CLA:
        raise Refusal(Status.CLASS_NOT_SUPPORTED)
    known = _LOADED.get(ins) or _load(ins)
    if p1 or p2:
        raise Refusal(Status.WRONG_PARAMETERS)
    return known


def handlers() -> dict[int, Handled]:
    """Every command with its handler, by instruction: what `declared_command` finds, to look at or change."""
    for instruction in Ins:
        if instruction not in _LOADED:
            _load(instruction)
    return _LOADED


def _load(ins: int) -> Handled:
    instruction = Ins.of(ins)
    if instruction is None:
        raise Refusal(Status.INSTRUCTION_NOT_SUPPORTED)
    _LOADED.update({each.command.ins: each for each in _handled(instruction.topic)})
    return _LOADED[ins]


def _handled(topic: Topic) -> tuple[Handled, ...]:
    match topic:
        case Topic.IDENTITY:
            from tla_sim.reader_fw.app.handlers.identity import HANDLED
        case Topic.CARDS:
            from tla_sim.reader_fw.app.handlers.cards import HANDLED
        case Topic.LOADING:
            from tla_sim.reader_fw.app.handlers.loading import HANDLED
        case Topic.UNLOADING:
            from tla_sim.reader_fw.app.handlers.unloading import HANDLED
        case Topic.CERTIFYING:
            from tla_sim.reader_fw.app.handlers.certifying import HANDLED
        case Topic.UPDATING:
            from tla_sim.reader_fw.app.handlers.updating import HANDLED
    return HANDLED
