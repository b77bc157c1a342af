"""One slot of a CCID line, overheard: what its blocks carry."""

from __future__ import annotations

from typing import Final

from tla_sim.protocol.apdu import CommandApdu
from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.t1.actions import reverse_nad
from tla_sim.protocol.t1.block import HEADER_SIZE, Block, Edc, lrc
from tla_sim.protocol.trace import MAX_APDU, OPEN_BYTES, may_hold_code
from tla_sim.reader_fw.cards.atr import Transmission, offered_protocols
from tla_sim.tools.capture.levels.code_mask import CodeMask, blank
from tla_sim.tools.capture.levels.events import AnswerHeard, CommandHeard, Event, ResetHeard
from tla_sim.tools.capture.levels.t1_dialogue import T1Dialogue
from tla_sim.tools.capture.levels.t1_level import blank_damaged, good_block, replace_inf

_PPSS: Final = 0xFF
_LONGEST_PPS: Final = 6
_WHOLE, _BEGINS, _ENDS, _GOES_ON = 0, 1, 2, 3
"""wLevelParameter of XfrBlock, and bChainParameter of its answer (CCID revision 1.1 §6.1.4 and §6.2.1)."""


class CcidSlotEar:
    """Follows the blocks to and from the card at `lad`, `None` for a slot of which nobody knows.

    They hold T=1 blocks or APDUs. As long as it is not certain which, what would be blanked in either is
    blanked; and before the card's answer to reset was heard, everything that is not a block.
    """

    def __init__(self, lad: Lad | None) -> None:
        self._lad = lad
        self._dialogue = T1Dialogue(lad)
        self._edc = Edc.LRC
        self._protocol: Transmission | None = None
        self._carries_blocks = False
        self._sent: Block | None = None
        self._mask: CodeMask | None = None
        self._command: bytearray | None = None
        self._response: bytearray | None = None
        self._asked: CommandHeard | None = None
        self._owed_data = False
        self._data_follow = False

    def power_on(self, atr: bytes, ns: int) -> list[Event]:
        """Take note of an answer to reset."""
        events = self._restart(ns)
        offered = offered_protocols(atr) if len(atr) > 1 else ()
        self._protocol = offered[0] if offered else None
        events += self._dialogue.restart(ns)
        return [*events, ResetHeard(self._lad, atr, ns)] if self._lad is not None else events

    def power_off(self, ns: int) -> list[Event]:
        """Take note that the contacts lost their power."""
        events = self._restart(ns)
        self._protocol = None
        self._dialogue.lose_step()
        return events

    def set_edc(self, edc: Edc) -> None:
        """Take note of the error detection code of the card's blocks."""
        self._edc = edc

    def _restart(self, ns: int) -> list[Event]:
        self._edc = Edc.LRC
        self._carries_blocks = False
        self._sent = self._mask = self._command = self._response = None
        self._owed_data = self._data_follow = False
        return self._end_unanswered(ns)

    def send(self, data: bytes, level: int, ns: int) -> tuple[bytes, list[Event]]:
        """Return the data of an XfrBlock with codes blanked, and the events that it completes.

        `level` is its wLevelParameter.
        """
        self._sent = None
        follows, self._data_follow = self._data_follow, False
        if follows:
            return blank(data), []
        if data[:1] == bytes((_PPSS,)) and len(data) <= _LONGEST_PPS and not lrc(data):
            return data, []
        block = good_block(data, self._edc) if self._protocol is not Transmission.T0 else None
        if block is not None:
            return self._send_block(data, block, ns)
        if self._carries_blocks:
            self._dialogue.note_damage(False)
            whole = len(data) > HEADER_SIZE and len(data) == HEADER_SIZE + data[2] + self._edc.size
            return blank_damaged(data, self._edc, frozenset(data[:1]), whole), []
        if self._protocol is Transmission.T0 or (self._protocol is not None and (level or _is_apdu(data))):
            return self._send_apdu(data, level, ns)
        return blank(data), []

    def _send_block(self, data: bytes, block: Block, ns: int) -> tuple[bytes, list[Event]]:
        inf, _, events = self._dialogue.take(False, block, ns)
        self._sent = block
        masked = replace_inf(data, inf, self._edc)
        if self._carries_blocks:
            return masked, events
        # By chance an APDU may look like a block. Then nothing of its code may stay, its last byte included,
        # which passes for the block's EDC.
        if _is_apdu(data) and may_hold_code(data[1]):
            masked = blank(masked, OPEN_BYTES)
        return masked, events

    def _send_apdu(self, data: bytes, level: int, ns: int) -> tuple[bytes, list[Event]]:
        if level in (_WHOLE, _BEGINS):
            self._mask, self._command = CodeMask(self._lad), bytearray()
        masked = blank(data) if self._mask is None else self._mask.mask(data)
        # A header alone to a T=0 card: if the card asks for its data, they follow in a block of their own.
        self._owed_data = len(data) == OPEN_BYTES and self._lad is not Lad.LOG_SV and may_hold_code(data[1])
        if self._command is not None:
            self._command += masked
            if len(self._command) > MAX_APDU:
                self._command = None
        if level in (_BEGINS, _GOES_ON) or self._command is None:
            return masked, []
        if level not in (_WHOLE, _ENDS):
            return masked, []
        apdu, self._command, self._mask = bytes(self._command), None, None
        events = self._end_unanswered(ns)
        if self._lad is None:
            return masked, events
        self._asked = CommandHeard(self._lad, apdu, ns)
        return masked, [*events, self._asked]

    def answer(self, data: bytes, chain: int, ns: int) -> list[Event]:
        """Return the events that the answer to an XfrBlock completes. `chain` is its bChainParameter."""
        self._data_follow = self._owed_data and len(data) == 1
        block = good_block(data, self._edc) if self._sent is not None else None
        if block is not None and self._sent is not None:
            if block.nad == reverse_nad(self._sent.nad):
                self._carries_blocks = True
            return self._dialogue.take(True, block, ns)[2]
        if self._asked is None or not data:
            return []
        if chain in (_WHOLE, _BEGINS):
            self._response = bytearray()
        if self._response is not None:
            self._response += data
            if len(self._response) > MAX_APDU:
                self._response = None
        if chain not in (_WHOLE, _ENDS) or self._response is None:
            return []
        asked, response = self._asked, bytes(self._response)
        self._asked = self._response = None
        return [AnswerHeard(asked.lad, response, ns)]

    def fail(self, ns: int) -> list[Event]:
        """Take note that the slot refused what was sent to it."""
        self._data_follow = False
        return self._end_unanswered(ns)

    def _end_unanswered(self, ns: int) -> list[Event]:
        asked, self._asked = self._asked, None
        return [] if asked is None else [AnswerHeard(asked.lad, None, ns)]


def _is_apdu(data: bytes) -> bool:
    try:
        CommandApdu.parse(data)
    except CodecError:
        return False
    return True
