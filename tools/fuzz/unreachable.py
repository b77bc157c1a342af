"""Declared pairs of command and status that a target cannot see, and why.

Some cannot happen at all: no version of the reader answers them. The others need a fault or an earlier
version: `faults` sees them, but `log_sv` plays on a sound reader of the newest version.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

from tla_sim.protocol.commands.command_set import COMMANDS
from tla_sim.protocol.sentence import Sentence
from tla_sim.reader_fw.app.software.profiles import PROFILES

SOUND: Final = "log_sv"
"""The target whose reader has no faults and runs the newest version."""

STATEFUL: Final = (SOUND, "faults")
"""The targets that send sequences of commands to Log_SV."""

_NEEDS: Final = {
    "MEMORY_FAILURE": Sentence("needs a flash that fails"),
    "RECORD_DAMAGED": Sentence("needs a flash that loses bits"),
    "VITALE_MUTE": Sentence("needs a card that falls silent"),
    "VITALE_WITHDRAWN": Sentence("needs a card that leaves within a command"),
    "NOT_MULTI_OWNER": Sentence("needs a reader of an earlier version"),
    "FUNCTION_NOT_SUPPORTED": Sentence("needs a reader of an earlier version"),
    "INSTRUCTION_NOT_SUPPORTED": Sentence("needs a reader of an earlier version"),
}
_NEEDS_PAIR: Final = {
    ("commit_load", "NO_FREE_SLOT"): Sentence("room is kept from the first batch on"),
    ("set_clock", "NO_FREE_SLOT"): Sentence("needs a flash that takes nothing more"),
}
_ONLY: Final = {
    "EXCHANGE_ABANDONED": ("verify_code",),
    "CODE_LOST": ("certify",),
}
_AT_REST: Final = (
    *("identify", "read_configuration", "read_clock", "diagnostics", "list_invoices"),
    *("read_ps_card", "read_vitale", "verify_code"),
)
"""Commands that do not touch the flash: they answer from memory or from a card."""


def why_never(command: str, status: str) -> str | None:
    """Return why no reader answers this under any fault, `None` if one can."""
    if status == "INTERNAL":
        return Sentence("would be a bug: an oracle reports it")
    if status in _ONLY and command not in _ONLY[status]:
        return Sentence("only other commands come to that")
    if status == "MEMORY_FAILURE" and command in _AT_REST:
        return Sentence("the command leaves the flash alone")
    if status == "INSTRUCTION_NOT_SUPPORTED" and command in _known_to_all():
        return Sentence("every version knows the command")
    return None


def why_not(target: str, command: str, status: str) -> str | None:
    """Return why a target cannot see a declared status, `None` if it can."""
    never = why_never(command, status)
    if never is not None or target != SOUND:
        return never
    return _NEEDS.get(status) or _NEEDS_PAIR.get((command, status))


def _known_to_all() -> tuple[str, ...]:
    known = [command for command in COMMANDS if all(profile.knows(command.ins) for profile in PROFILES)]
    return tuple(command.name for command in known)


class PairsSeen(NamedTuple):
    """The numbers of pairs of command and status: seen, reachable under any fault, declared."""

    seen: int
    reachable: int
    declared: int


def pairs_seen(by_target: Mapping[str, Collection[tuple[str, str]]]) -> PairsSeen | None:
    """Return what the stateful targets saw together; `None` if none of them ran."""
    stateful = [pairs for name, pairs in by_target.items() if name in STATEFUL]
    if not stateful:
        return None
    declared = [(command.name, status.name) for command in COMMANDS for status in command.statuses]
    seen = [pair for pair in declared if any(pair in pairs for pairs in stateful)]
    reachable = [pair for pair in declared if why_never(*pair) is None or pair in seen]
    return PairsSeen(len(seen), len(reachable), len(declared))
