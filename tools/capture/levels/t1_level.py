"""A T=1 line, overheard."""

from __future__ import annotations

from typing import Final

from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.lad import WORKSTATION_NODE, Lad
from tla_sim.protocol.t1.actions import LinkSettings
from tla_sim.protocol.t1.block import HEADER_SIZE, Block, Edc
from tla_sim.tools.capture.levels.both_ways import BothWays
from tla_sim.tools.capture.levels.code_mask import BLANK, blank
from tla_sim.tools.capture.levels.events import BLANKED, GIVEN_BACK, Event, Piece
from tla_sim.tools.capture.levels.t1_dialogue import T1Dialogue
from tla_sim.tools.capture.levels.t1_stream import T1Cut, T1Stream

_NADS: Final = frozenset(lad.nad for lad in Lad)
_NO_NADS: Final[frozenset[int]] = frozenset()


class T1Level(BothWays[T1Cut]):
    """Cuts both directions of a T=1 line into blocks, and puts the APDUs in them together.

    Codes are blanked in the blocks, with an EDC that is right again. In bytes towards the reader that are not
    a good block, any byte may be a digit, whatever it looks like: all are blanked, except for NAD, PCB and
    LEN where no chain is under way, the NAD is known, all three fit one another and no more bytes follow than
    LEN says. The EDC of such a block is wrong in a way that says nothing of its data. What comes from the
    reader holds no code and is kept, once it has sent a good block, and unless the line gives back what the
    workstation says.
    """

    def __init__(self, settings: LinkSettings | None = None) -> None:
        settings = settings or LinkSettings()
        self._edc = settings.edc
        self._streams = (T1Stream(settings), T1Stream(settings))
        super().__init__(*self._streams)
        self._dialogue = T1Dialogue()
        self._nads = set(_NADS)
        self._interrupted = False
        self._answered = False
        self._echoes = False

    def hear(self, from_reader: bool, data: bytes, ns: int) -> list[Event]:
        """Return what these bytes complete. `ns` is the time in nanoseconds since 1970-01-01 00:00 UTC."""
        events = self.tick(ns)
        events += self._notice_interruption(from_reader)
        for cut in self._streams[from_reader].feed(data, ns):
            if cut.block is not None:
                # An end that answers takes what the other sent for over, whole or not.
                events += self._settle(not from_reader)
            events += self._pass_on(from_reader, cut)
        return events

    def _notice_interruption(self, from_reader: bool) -> list[Event]:
        """Part what goes on after the reader spoke from what came before, even without a silence between.

        Together they might pass for one good block.
        """
        if self._streams[False].due_ns is None:
            self._interrupted = False
        elif from_reader:
            self._interrupted = True
        elif self._interrupted:
            self._interrupted = False
            return self._settle(False)
        return []

    def _pass_on(self, from_reader: bool, cut: T1Cut) -> list[Event]:
        block = cut.block
        if block is None:
            nads = self._nads if self._dialogue.between_commands else _NO_NADS
            self._dialogue.note_damage(from_reader)
            may_hold_code = not from_reader or self._echoes or not self._answered
            data = blank_damaged(cut.raw, self._edc, nads, cut.whole) if may_hold_code else cut.raw
            note = cut.problem if data == cut.raw else f"{cut.problem}; {BLANKED}"
            return [Piece(from_reader, data, note, cut.ns, wrong=True)]
        if from_reader and block.nad & 0x0F == WORKSTATION_NODE:
            self._echoes = True
            data = replace_inf(cut.raw, blank(block.inf), self._edc)
            return [Piece(True, data, GIVEN_BACK, cut.ns)]
        self._answered = self._answered or from_reader
        self._nads.add(block.nad)
        inf, note, events = self._dialogue.take(from_reader, block, cut.ns)
        return [Piece(from_reader, replace_inf(cut.raw, inf, self._edc), note, cut.ns), *events]


def replace_inf(raw: bytes, inf: bytes, edc: Edc) -> bytes:
    """Return a good block with another INF of the same length, and the EDC that it then has."""
    end = len(raw) - edc.size
    if raw[HEADER_SIZE:end] == inf:
        return raw
    body = raw[:HEADER_SIZE] + inf
    return body + edc.of(body)


def blank_damaged(raw: bytes, edc: Edc, nads: set[int] | frozenset[int], whole: bool) -> bytes:
    """Return bytes that are not a good block without what may be a code in them: see `T1Level`."""
    if not _has_header(raw, edc, nads):
        return blank(raw)
    if not whole:
        return blank(raw, HEADER_SIZE)
    # An EDC that is almost right would tell the digits to whoever tries them all.
    body = raw[:HEADER_SIZE] + BLANK * (len(raw) - HEADER_SIZE - edc.size)
    return body + bytes(byte ^ 0xFF for byte in edc.of(body))


def _has_header(raw: bytes, edc: Edc, nads: set[int] | frozenset[int]) -> bool:
    if len(raw) < HEADER_SIZE or raw[0] not in nads or len(raw) > HEADER_SIZE + raw[2] + edc.size:
        return False
    body = raw[:HEADER_SIZE] + bytes(raw[2])
    return good_block(body + Edc.LRC.of(body), Edc.LRC) is not None


def good_block(raw: bytes, edc: Edc) -> Block | None:
    """Return the one good block in these bytes, `None` where they are anything else."""
    try:
        return Block.parse(raw, edc)
    except CodecError:
        return None
