"""The dispatch of command APDUs: parse by the declaration, call the handler, build the response APDU.

The declarations and handlers of a topic are imported when the first of its commands comes, so that a reader
starts fast.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from tla_sim.protocol.apdu import CommandApdu
from tla_sim.protocol.commands.declaration import CLA, Authentication
from tla_sim.protocol.commands.instructions import Ins, Topic
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.errors import CodecError
from tla_sim.reader_fw.app.refusal import KeypadNeeded, Refusal
from tla_sim.reader_fw.failure import FirmwareFailure

if TYPE_CHECKING:
    from tla_sim.reader_fw.app.handlers.handler import Handled
    from tla_sim.reader_fw.app.log_sv import LogSv
    from tla_sim.reader_fw.app.session import Session

_OK: Final = int(Status.OK).to_bytes(2, "big")
_LOADED: Final[dict[int, Handled]] = {}


class Outcome(NamedTuple):
    """The outcome of a command: its response, or that it waits for the keypad."""

    response: bytes = b""
    waits_for_code: bool = False


def execute(app: LogSv, session: Session, raw: bytes) -> Outcome:
    """Carry out one command APDU for a link's session, and return its outcome.

    Whatever the bytes are, the response is an APDU with a declared status word. Raises PowerCut only.
    """
    try:
        apdu = CommandApdu.parse(raw)
    except CodecError:
        return Outcome(int(Status.WRONG_LENGTH).to_bytes(2, "big"))
    session.note_command(app.board.clock.now_ms)
    try:
        command, handler = find_command(apdu.cla, apdu.ins, apdu.p1, apdu.p2)
        if not app.profile.knows(command.ins):
            raise Refusal(Status.INSTRUCTION_NOT_SUPPORTED)
        request = command.request.parse(apdu.data)
        if command.needs is Authentication.PS_CODE:
            app.require_code(session)
        return Outcome(command.response.build(handler(app, session, request)) + _OK)
    except KeypadNeeded:
        return Outcome(waits_for_code=True)
    except FirmwareFailure as failure:
        return Outcome(failure.word.to_bytes(2, "big"))
    except CodecError:
        return Outcome(int(Status.WRONG_DATA).to_bytes(2, "big"))


def execute_typed_code(app: LogSv, session: Session, code: str | None) -> bytes:
    """Finish a `verify_code` that waited for the keypad, and return its response APDU.

    `code` is `None` when the user gave up or took the card out.
    """
    from tla_sim.reader_fw.app.handlers.cards import present_code

    try:
        if code is None:
            raise Refusal(Status.EXCHANGE_ABANDONED if app.cards.ps_insertion else Status.PS_CARD_ABSENT)
        present_code(app, session, code)
        return _OK
    except Refusal as refusal:
        return refusal.word.to_bytes(2, "big")


def find_command(cla: int, ins: int, p1: int, p2: int) -> Handled:
    """Return the command of an APDU header with its handler. Raises Refusal."""
    if cla != CLA:
        raise Refusal(Status.CLASS_NOT_SUPPORTED)
    known = _LOADED.get(ins) or _load(ins)
    if p1 or p2:
        raise Refusal(Status.WRONG_PARAMETERS)
    return known


def handlers() -> dict[int, Handled]:
    """Return the table of all commands with their handlers, by instruction; changes to it take effect."""
    for instruction in Ins:
        if instruction not in _LOADED:
            _load(instruction)
    return _LOADED


def _load(ins: int) -> Handled:
    instruction = Ins.of(ins)
    if instruction is None:
        raise Refusal(Status.INSTRUCTION_NOT_SUPPORTED)
    _LOADED.update({each.command.ins: each for each in _import_handlers(instruction.topic)})
    return _LOADED[ins]


def _import_handlers(topic: Topic) -> tuple[Handled, ...]:
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
