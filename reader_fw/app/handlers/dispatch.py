"""From a command APDU to its handler and back, by the declarations."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar

from tla_sim.protocol.commands.cards import READ_PS_CARD, READ_VITALE, VERIFY_CODE
from tla_sim.protocol.commands.certifying import CERTIFY, SIGN_FINAL, SIGN_LOT
from tla_sim.protocol.commands.command_set import COMMANDS
from tla_sim.protocol.commands.declaration import CLA, Authentication, Command
from tla_sim.protocol.commands.identity import (
    DIAGNOSTICS,
    IDENTIFY,
    READ_CLOCK,
    READ_CONFIGURATION,
    SET_CLOCK,
)
from tla_sim.protocol.commands.loading import COMMIT_LOAD, LIST_INVOICES, LOAD_INVOICE, OPEN_LOAD
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.commands.unloading import ACKNOWLEDGE_FSE, ERASE, UNLOAD_BENEFICIARIES, UNLOAD_FSE
from tla_sim.protocol.commands.updating import ACTIVATE_UPDATE, OPEN_UPDATE, UPDATE_BLOCK
from tla_sim.reader_fw.app.handlers.cards import read_ps_card, read_vitale, verify_code
from tla_sim.reader_fw.app.handlers.certifying import certify, sign_final, sign_lot
from tla_sim.reader_fw.app.handlers.identity import (
    diagnostics,
    identify,
    read_clock,
    read_configuration,
    set_clock,
)
from tla_sim.reader_fw.app.handlers.loading import commit_load, list_invoices, load_invoice, open_load
from tla_sim.reader_fw.app.handlers.unloading import acknowledge_fse, erase, unload_beneficiaries, unload_fse
from tla_sim.reader_fw.app.handlers.updating import activate_update, open_update, update_block
from tla_sim.reader_fw.app.refusal import Refusal

if TYPE_CHECKING:
    from tla_sim.reader_fw.app.log_sv import LogSv
    from tla_sim.reader_fw.app.session import Session

Q = TypeVar("Q")
A = TypeVar("A")
Handler = Callable[["LogSv", "Session", Q], A]


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


def _listed(command: Command[Q, A], handler: Handler[Q, A]) -> tuple[int, Handler[Any, Any]]:
    return command.ins, handler


HANDLERS: Final[dict[int, Handler[Any, Any]]] = dict(
    (
        _listed(IDENTIFY, identify),
        _listed(READ_CONFIGURATION, read_configuration),
        _listed(READ_CLOCK, read_clock),
        _listed(SET_CLOCK, set_clock),
        _listed(DIAGNOSTICS, diagnostics),
        _listed(READ_PS_CARD, read_ps_card),
        _listed(VERIFY_CODE, verify_code),
        _listed(READ_VITALE, read_vitale),
        _listed(OPEN_LOAD, open_load),
        _listed(LOAD_INVOICE, load_invoice),
        _listed(COMMIT_LOAD, commit_load),
        _listed(LIST_INVOICES, list_invoices),
        _listed(UNLOAD_FSE, unload_fse),
        _listed(ACKNOWLEDGE_FSE, acknowledge_fse),
        _listed(ERASE, erase),
        _listed(UNLOAD_BENEFICIARIES, unload_beneficiaries),
        _listed(CERTIFY, certify),
        _listed(SIGN_FINAL, sign_final),
        _listed(SIGN_LOT, sign_lot),
        _listed(OPEN_UPDATE, open_update),
        _listed(UPDATE_BLOCK, update_block),
        _listed(ACTIVATE_UPDATE, activate_update),
    )
)
"""The handler of each declared command, by instruction."""
