"""Both directions of a T=1 line, overheard: where in a command each block lies, and the APDUs it makes up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.slot_order import SLOT_STATE, SlotOrder
from tla_sim.protocol.t1.block import Block, Information, Ready, Supervision, Supervisory
from tla_sim.protocol.trace import MAX_APDU, blank_code
from tla_sim.tools.capture.levels.code_mask import CodeMask, blank
from tla_sim.tools.capture.levels.events import REPEATED, AnswerHeard, CommandHeard, Event, ResetHeard

_LOST: Final = 2
"""From how many bad blocks in a row on it is not known which one comes next."""
_OK: Final = Status.OK.to_bytes(2, "big")


@dataclass(slots=True)
class _Way:
    """One direction: the number of the block taken last, that block as it came and as it was passed on, and
    the message under way with its code, `None` where its beginning was not heard."""

    number: int | None = None
    last: Block | None = None
    last_inf: bytes = field(default=b"", repr=False)
    nad: int = 0
    open: bool = False
    message: bytearray | None = field(default=None, repr=False)

    def restart(self) -> None:
        """Take note that the next block has number 0."""
        self.number, self.last, self.open, self.message = 1, None, False, None


class T1Dialogue:
    """Follows a T=1 line without a part in it.

    A block that repeats the one before it in its direction is not taken twice. The data of a block whose
    place in its command is not certain are blanked whole: where the beginning was missed, where a number is
    not the one that comes next, where the reader acknowledges what was not heard, after several bad blocks in
    a row that the reader did not ask for again. Certainty comes back with the answer to a command whose end
    was heard, the second one where no resynchronisation was.

    `addressee` is where every command goes, for a line without addresses. A command to a node that the reader
    does not have is blanked as for a card, and reported as one to Log_SV.
    """

    def __init__(self, addressee: Lad | None = None) -> None:
        self._addressee = addressee
        self._down = _Way()
        self._up = _Way()
        self._mask: CodeMask | None = None
        self._begins = False
        self._complete = False
        self._doubts = 0
        # Whether the reader asked for the last block again with nothing unknown between.
        self._repeats = False
        self._asked: CommandHeard | None = None

    def restart(self, ns: int) -> list[Event]:
        """Take note that both ends start afresh, as after a resynchronisation or a reset."""
        self._down.restart()
        self._up.restart()
        self._mask = None
        self._begins, self._complete = True, False
        self._doubts = 0
        return self._end_unanswered(ns)

    def lose_step(self) -> None:
        """Take note that it is not known any more what the next block is."""
        self._down = _Way()
        self._up = _Way()
        self._mask = None
        self._begins = self._complete = False

    @property
    def between_commands(self) -> bool:
        """Whether the next block from the workstation begins a command, if it is a new one."""
        return not self._down.open

    def note_damage(self, from_reader: bool) -> None:
        """Take note of bytes that are not a block."""
        if not from_reader:
            self._doubts += 1
            self._repeats = False

    def take(self, from_reader: bool, block: Block, ns: int) -> tuple[bytes, str, list[Event]]:
        """Return a block's INF with codes blanked, a note on it, and the events that it completes."""
        control = block.control
        if isinstance(control, Information):
            return self._answer(block, control, ns) if from_reader else self._command(block, control, ns)
        events: list[Event] = []
        if isinstance(control, Ready):
            if from_reader:
                self._note_acknowledgement(control)
        else:
            events = self._supervise(from_reader, control, ns)
        return block.inf, "", events

    def _note_acknowledgement(self, control: Ready) -> None:
        if control.number == self._down.number:
            # Either it asks for our last block again, or it has taken one that was not heard.
            self._repeats = self._repeats or not self._doubts
            self._doubts = _LOST
        elif self._doubts == 1:
            # It expects what comes next for us, too: it did not take the bad block either. Of two it may have
            # taken both.
            self._doubts = 0

    def _supervise(self, from_reader: bool, control: Supervisory, ns: int) -> list[Event]:
        if control.about is Supervision.RESYNCH and control.response is from_reader:
            return self.restart(ns)
        if control.about is Supervision.ABORT and control.response:
            for way in (self._down, self._up):
                way.open, way.message = False, None
            self._mask = None
            self._begins = not self._doubts
            return self._end_unanswered(ns)
        return []

    def _command(self, block: Block, control: Information, ns: int) -> tuple[bytes, str, list[Event]]:
        way = self._down
        if block == way.last:
            if self._repeats:
                self._doubts = 0
            return way.last_inf, REPEATED, []
        expected = control.number != way.number and self._doubts < _LOST
        in_place = block.nad == way.nad if way.open else self._begins
        if not expected or not in_place:
            self._mask, way.message = None, None
        elif not way.open:
            self._mask, way.message = CodeMask(self._lad(block)), bytearray()
        if self._mask is None:
            inf = blank(block.inf)
        elif way.open or control.more:
            inf = self._mask.mask(block.inf)
        else:
            # Only the whole of a command to Log_SV tells whether its code is enciphered.
            inf = self._blanked(block, block.inf)
        way.number, way.nad, way.open = control.number, block.nad, control.more
        way.last, way.last_inf = block, inf
        self._begins = False
        self._complete = not control.more
        self._doubts = 0
        self._repeats = False
        message = _grow(way, block.inf)
        if control.more or message is None:
            return inf, "", []
        way.message = None
        apdu = self._blanked(block, message)
        events = self._end_unanswered(ns)
        lad = self._lad(block)
        self._asked = CommandHeard(Lad.LOG_SV if lad is None else lad, apdu, ns)
        return inf, "", [*events, self._asked]

    def _answer(self, block: Block, control: Information, ns: int) -> tuple[bytes, str, list[Event]]:
        way = self._up
        if block == way.last:
            return block.inf, REPEATED, []
        if not way.open:
            # After a command whose end was not heard, the number of the next one is not known either.
            self._begins = self._complete and way.number not in (None, control.number)
            self._complete = False
            self._doubts = 0
        self._down.open = False
        if not way.open:
            way.message = bytearray()
        way.number, way.last, way.open = control.number, block, control.more
        message = _grow(way, block.inf)
        asked = self._asked
        if control.more or message is None or asked is None:
            return block.inf, "", []
        self._asked = None
        return block.inf, "", [AnswerHeard(asked.lad, message, ns), *_resets(asked, message, ns)]

    def _end_unanswered(self, ns: int) -> list[Event]:
        asked, self._asked = self._asked, None
        return [] if asked is None else [AnswerHeard(asked.lad, None, ns)]

    def _blanked(self, block: Block, command: bytes) -> bytes:
        """Return a whole command with its code blanked."""
        lad = self._lad(block)
        return CodeMask(None).mask(command) if lad is None else blank_code(lad, command)

    def _lad(self, block: Block) -> Lad | None:
        return self._addressee if self._addressee is not None else Lad.of_node(block.nad >> 4)


def _grow(way: _Way, inf: bytes) -> bytes | None:
    """Add a block to the message under way; return the message, `None` if it is not one."""
    if way.message is None:
        return None
    if len(way.message) + len(inf) > MAX_APDU:
        way.message = None
        return None
    way.message += inf
    return bytes(way.message)


def _resets(asked: CommandHeard, response: bytes, ns: int) -> list[Event]:
    """Return the answer to reset in the answer to an order to power a slot, if it is one."""
    if asked.apdu != SlotOrder.POWER_ON.apdu or response[-2:] != _OK:
        return []
    try:
        state = SLOT_STATE.parse(response[:-2])
    except CodecError:
        return []
    return [ResetHeard(asked.lad, state.atr, ns)] if state.atr else []
