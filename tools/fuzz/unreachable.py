"""Declared statuses that no sequence of commands can bring about, and why: they need a fault from outside.

The explorer of faults (`tla explore`) makes those; a campaign counts them apart instead of chasing them.
"""

from __future__ import annotations

from typing import Final

_FAULTS: Final = {
    "MEMORY_FAILURE": "needs a flash that fails",
    "INTERNAL": "would be a bug: an oracle reports it",
    "RECORD_DAMAGED": "needs a flash that loses bits",
    "VITALE_MUTE": "needs a card that falls silent",
    "VITALE_WITHDRAWN": "needs a card that leaves within a command",
    "NOT_MULTI_OWNER": "needs a reader of an earlier version",
    "FUNCTION_NOT_SUPPORTED": "needs a reader of an earlier version",
}
_VERSION: Final = "the version fuzzed knows every command"
_ONLY: Final = {
    "EXCHANGE_ABANDONED": ("verify_code",),
    "CODE_LOST": ("certify",),
}
_NEVER: Final = {
    ("commit_load", "NO_FREE_SLOT"): "room is kept from the first batch on",
    ("sign_final", "CODE_LOST"): "told for each document, not for the command",
    ("sign_lot", "CODE_LOST"): "told for each lot, not for the command",
}


def why_not(command: str, status: str) -> str | None:
    """Why a declared status cannot be seen, `None` when it can."""
    if status in _FAULTS:
        return _FAULTS[status]
    if status == "INSTRUCTION_NOT_SUPPORTED":
        return _VERSION
    if status in _ONLY and command not in _ONLY[status]:
        return "only other commands come to that"
    return _NEVER.get((command, status))
