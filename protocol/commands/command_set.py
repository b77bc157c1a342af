"""The commands of the reader's own software, Log_SV, by instruction byte.

Class byte 80, P1 = P2 = 00, request in the data field, response in the response data. Numbers, structures
and the pairing with SSV functions are Project-defined; the functions are those of the public SSV headers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from tla_sim.protocol.commands.cards import READ_PS_CARD, READ_VITALE, VERIFY_CODE
from tla_sim.protocol.commands.certifying import CERTIFY, SIGN_FINAL, SIGN_LOT
from tla_sim.protocol.commands.declaration import Command
from tla_sim.protocol.commands.identity import (
    DIAGNOSTICS,
    IDENTIFY,
    READ_CLOCK,
    READ_CONFIGURATION,
    SET_CLOCK,
)
from tla_sim.protocol.commands.loading import COMMIT_LOAD, LIST_INVOICES, LOAD_INVOICE, OPEN_LOAD
from tla_sim.protocol.commands.unloading import ACKNOWLEDGE_FSE, ERASE, UNLOAD_BENEFICIARIES, UNLOAD_FSE
from tla_sim.protocol.commands.updating import ACTIVATE_UPDATE, OPEN_UPDATE, UPDATE_BLOCK


class CommandSet:
    """Commands by instruction byte. Iterates in order of instruction.

    Raises ValueError for an instruction declared twice.
    """

    def __init__(self, commands: Iterable[Command[Any, Any]]) -> None:
        self._by_ins: dict[int, Command[Any, Any]] = {}
        for command in sorted(commands, key=lambda each: each.ins):
            if command.ins in self._by_ins:
                raise ValueError(f"command {command.ins:02X} {command.name} is declared twice")
            self._by_ins[command.ins] = command

    def get(self, ins: int) -> Command[Any, Any] | None:
        """Return the command of an instruction byte, `None` if undeclared."""
        return self._by_ins.get(ins)

    def __iter__(self) -> Iterator[Command[Any, Any]]:
        return iter(self._by_ins.values())

    def __len__(self) -> int:
        return len(self._by_ins)


COMMANDS: Final = CommandSet(
    (
        OPEN_LOAD,
        LOAD_INVOICE,
        COMMIT_LOAD,
        LIST_INVOICES,
        IDENTIFY,
        READ_CONFIGURATION,
        READ_CLOCK,
        SET_CLOCK,
        DIAGNOSTICS,
        READ_PS_CARD,
        READ_VITALE,
        VERIFY_CODE,
        UNLOAD_FSE,
        ACKNOWLEDGE_FSE,
        ERASE,
        UNLOAD_BENEFICIARIES,
        CERTIFY,
        SIGN_FINAL,
        SIGN_LOT,
        OPEN_UPDATE,
        UPDATE_BLOCK,
        ACTIVATE_UPDATE,
    )
)
