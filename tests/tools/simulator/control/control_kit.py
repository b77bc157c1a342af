"""Controls for tests, and what is often done with them."""

from __future__ import annotations

from tla_sim.host.practice.model import Practice
from tla_sim.protocol.apdu import CommandApdu
from tla_sim.protocol.commands.cards import VERIFY_CODE, CodeEntry, CodePresentation
from tla_sim.protocol.commands.declaration import CLA
from tla_sim.protocol.commands.instructions import Ins
from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.lad import Lad
from tla_sim.tools.cast import demo_practice
from tla_sim.tools.cast.people import CODE
from tla_sim.tools.simulator.control.reader_control import ReaderControl

IDENTIFY = bytes.fromhex("8010000000")
_AT_KEYPAD = VERIFY_CODE.request.build(CodePresentation(CodeEntry.KEYPAD, b"", b""))
VERIFY_AT_KEYPAD = CommandApdu(CLA, Ins.VERIFY_CODE, 0, 0, _AT_KEYPAD).build()
SELECT_MF = bytes.fromhex("00A4000C023F00")
NURSE = "PIQURE2969"
PATIENT = "MARTIN"
PRACTICE: Practice = demo_practice()

__all__ = ["CODE", "IDENTIFY", "NURSE", "PATIENT", "PRACTICE", "SELECT_MF", "VERIFY_AT_KEYPAD"]


def new_control(**options: object) -> ReaderControl:
    """A reader in memory."""
    return ReaderControl.in_memory(PRACTICE, **options)  # type: ignore[arg-type]


def answers_of(control: ReaderControl, apdu: bytes, lad: Lad = Lad.LOG_SV) -> list[bytes | TlaError]:
    """Begin a command and return the list that its answer will be in."""
    answers: list[bytes | TlaError] = []
    control.begin(lad, apdu, answers.append)
    return answers
