"""A CCID line, overheard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from tla_sim.protocol.ccid import HEADER, HEADER_SIZE, CommandStatus, Kind
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.t1.block import Edc
from tla_sim.reader_fw.links.ccid_link import ALL_LADS
from tla_sim.tools.capture.levels.both_ways import BothWays
from tla_sim.tools.capture.levels.ccid_slot import CcidSlotEar
from tla_sim.tools.capture.levels.ccid_stream import CcidCut, CcidStream, Heard
from tla_sim.tools.capture.levels.code_mask import blank
from tla_sim.tools.capture.levels.events import GIVEN_BACK, MORE_TIME, Event, Piece

_SETTINGS: Final[Mapping[int, frozenset[int]]] = {
    Kind.SET_PARAMETERS: frozenset((5, 7)),
    Kind.ESCAPE: frozenset((1, 2, 3)),
}
"""How many bytes the data of these commands have if they are settings, and not what may be a code."""
_KINDS: Final = frozenset(Kind)
_NO_KIND: Final = 0xFF
_LENGTH_END: Final = 5
_VERIFY, _MODIFY = 0, 1
_PIN_TEMPLATES: Final = {_VERIFY: 15, _MODIFY: 17}
"""Where, at the earliest, the APDU of a PC_to_RDR_Secure begins (CCID revision 1.1 §6.1.11 and §6.1.12)."""
_APDU_HEADER: Final = 5
_T1: Final = 1
_CRC_BIT: Final = 1
_NOTES: Final = {
    Heard.BAD_LRC: "LRC wrong",
    Heard.NAK: "the last message is to be sent again",
    Heard.TIME: MORE_TIME,
    Heard.BROKEN: "a frame that is broken or cut off",
    Heard.NOISE: "noise outside of any frame",
}
_WRONG: Final = frozenset((Heard.BAD_LRC, Heard.NAK, Heard.BROKEN, Heard.NOISE))


class CcidLevel(BothWays[CcidCut]):
    """Cuts both directions of a CCID line into messages, and puts the APDUs in them together.

    A piece is a message without its frame, the two bytes of a slot change, or what came besides. Codes are
    blanked in the blocks for the cards (see `CcidSlotEar`). Of a message whose LRC is wrong only kind and
    length stay, and nothing of what comes outside of frames or in a broken one. The parameters of a
    slot stay, and so does an Escape command of up to three bytes; PC_to_RDR_Secure keeps its settings and the
    header of its APDU.

    `lads` are the addresses in the slots, from slot 0 on.
    """

    def __init__(self, lads: Sequence[Lad] = ALL_LADS) -> None:
        self._streams = (CcidStream(False), CcidStream(True))
        super().__init__(*self._streams)
        self._lads = tuple(lads)
        self._slots: dict[int, CcidSlotEar] = {}
        self._asked: dict[int, tuple[int, int]] = {}

    def hear(self, from_reader: bool, data: bytes, ns: int) -> list[Event]:
        """Return what these bytes complete. `ns` is the time in nanoseconds since 1970-01-01 00:00 UTC."""
        events = self.tick(ns)
        for cut in self._streams[from_reader].feed(data, ns):
            if cut.heard is Heard.MESSAGE or cut.heard is Heard.NAK:
                # An end that answers takes what the other sent for over, whole or not.
                events += self._settle(not from_reader)
            events += self._pass_on(from_reader, cut)
        return events

    def _pass_on(self, from_reader: bool, cut: CcidCut) -> list[Event]:
        heard, raw, ns = cut
        events: list[Event] = []
        if heard is Heard.MESSAGE:
            given_back = from_reader and not raw[0] & 0x80
            if given_back:
                return [Piece(True, blank(raw, HEADER_SIZE), GIVEN_BACK, ns)]
            if from_reader:
                events = self._answer(raw, ns)
            else:
                raw, events = self._command(raw, ns)
        elif heard is Heard.BAD_LRC:
            raw = _blank_damaged(raw)
        elif heard in (Heard.BROKEN, Heard.NOISE):
            raw = blank(raw)
        return [Piece(from_reader, raw, _NOTES.get(heard, ""), ns, wrong=heard in _WRONG), *events]

    def _slot(self, number: int) -> CcidSlotEar:
        slot = self._slots.get(number)
        if slot is None:
            lad = self._lads[number] if number < len(self._lads) else None
            slot = self._slots[number] = CcidSlotEar(lad)
        return slot

    def _command(self, message: bytes, ns: int) -> tuple[bytes, list[Event]]:
        kind, _, slot, sequence, _, second, third = HEADER.unpack_from(message)
        header, data = message[:HEADER_SIZE], message[HEADER_SIZE:]
        self._asked[slot] = kind, sequence
        if kind == Kind.XFR_BLOCK:
            masked, events = self._slot(slot).send(data, second | third << 8, ns)
            return header + masked, events
        events = []
        if kind == Kind.ICC_POWER_OFF:
            events = self._slot(slot).power_off(ns)
        return header + _blank_settings(kind, second | third << 8, data), events

    def _answer(self, message: bytes, ns: int) -> list[Event]:
        kind, _, slot, sequence, status, _, detail = HEADER.unpack_from(message)
        asked = self._asked.get(slot)
        if asked is None or asked[1] != sequence or status >> 6 == CommandStatus.TIME_EXTENSION:
            return []
        del self._asked[slot]
        data = message[HEADER_SIZE:]
        ear = self._slot(slot)
        if status >> 6 != CommandStatus.DONE:
            return ear.fail(ns) if asked[0] == Kind.XFR_BLOCK else []
        if kind == Kind.DATA_BLOCK and asked[0] == Kind.ICC_POWER_ON:
            return ear.power_on(data, ns)
        if kind == Kind.DATA_BLOCK and asked[0] == Kind.XFR_BLOCK:
            return ear.answer(data, detail, ns)
        if kind == Kind.PARAMETERS and detail == _T1 and len(data) > 1:
            ear.set_edc(Edc.CRC if data[1] & _CRC_BIT else Edc.LRC)
        return []


def _blank_settings(kind: int, level: int, data: bytes) -> bytes:
    """Return the data of a command that is not an XfrBlock, without what is no setting."""
    if kind == Kind.SECURE and data and not level:
        start = _PIN_TEMPLATES.get(data[0])
        return blank(data, 1 if start is None else start + _APDU_HEADER)
    return data if len(data) in _SETTINGS.get(kind, ()) else blank(data)


def _blank_damaged(message: bytes) -> bytes:
    """Return a message whose LRC is wrong with its kind and length alone.

    Where bytes were lost, any other place may hold a digit.
    """
    size = len(message) - HEADER_SIZE
    kind = message[0] if message[0] in _KINDS else _NO_KIND
    return blank(HEADER.pack(kind, size, 0, 0, 0, 0, 0)[:_LENGTH_END] + message[_LENGTH_END:], _LENGTH_END)
