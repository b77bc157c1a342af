"""The description of one exchange."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Final

from tla_sim.protocol.apdu import MAX_NE, MAX_SHORT_NE, CommandApdu
from tla_sim.protocol.card_instructions import CardIns
from tla_sim.protocol.commands.command_set import COMMANDS
from tla_sim.protocol.commands.declaration import CLA, Command
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.errors import CodecError, StatusError
from tla_sim.protocol.exchange.contents import INSIDE, SHOWING
from tla_sim.protocol.exchange.data_objects import IN_CONTROL_REFERENCE, are_objects, locate_objects
from tla_sim.protocol.exchange.parameters import locate_parameters
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.sentence import Joined, Sentence
from tla_sim.protocol.slot_order import CLA as SLOT_CLA
from tla_sim.protocol.slot_order import SLOT_STATE, SlotOrder
from tla_sim.protocol.trace import blank_code
from tla_sim.protocol.wire.located import MAX_FIELDS, Fields, LocatedField, Locator

_HEADER_BYTES: Final = 4
_WORD_BYTES: Final = 2
_CHAINED: Final = 0x10
_PROPRIETARY: Final = 0x80
_SECURE: Final = 0x0C
_CHANNEL: Final = 0x03
OBJECTS_IN: Final = frozenset(
    (
        CardIns.MANAGE_SECURITY_ENVIRONMENT,
        CardIns.PERFORM_SECURITY_OPERATION,
        CardIns.GET_DATA,
        CardIns.GENERAL_AUTHENTICATE,
        CardIns.CREATE_FILE,
    )
)
"""Commands whose data are objects where they can be read as such; those with an odd instruction are, too."""
OBJECTS_OUT: Final = frozenset(
    (CardIns.SELECT, CardIns.GET_DATA, CardIns.GENERAL_AUTHENTICATE, CardIns.GET_RESPONSE)
)


class Description:
    """What one exchange says. Name, status and sentences are found at once, the fields when asked for.

    `command` and `response` are the bytes described, codes blanked; `response` is empty when none came. At
    most `most` fields are found in each.
    """

    def __init__(self, lad: Lad, command: bytes, response: bytes, most: int = MAX_FIELDS) -> None:
        self.lad = lad
        self._most = most
        self.command = blank_code(lad, command)
        self.response = response
        head = self.command[:_HEADER_BYTES]
        self._is_whole = len(head) == _HEADER_BYTES
        cla, ins = (head[0], head[1]) if self._is_whole else (-1, -1)
        self._declared: Command[Any, Any] | None = None
        self._order: SlotOrder | None = None
        self._instruction: CardIns | None = None
        if lad is Lad.LOG_SV:
            self._declared = COMMANDS.get(ins) if cla == CLA else None
        elif cla == SLOT_CLA:
            self._order = SlotOrder(ins) if ins in SlotOrder._value2member_map_ else None
        elif 0 <= cla < _PROPRIETARY:
            self._instruction = CardIns.of(ins)

    @property
    def name(self) -> str:
        """The command's name: `read_clock`, `READ BINARY`, `slot look`, or its class and instruction."""
        if self._declared is not None:
            return self._declared.name
        if self._instruction is not None:
            return self._instruction.title
        if self._order is not None:
            return f"slot {self._order.name.lower().replace('_', ' ')}"
        return self.command[:2].hex().upper() or "?"

    @property
    def declared(self) -> Command[Any, Any] | None:
        """The declaration of a command of Log_SV."""
        return self._declared

    @property
    def instruction(self) -> CardIns | None:
        """The instruction of a card's command that the standard has."""
        return self._instruction

    @property
    def summary(self) -> str:
        """What the command does, in one sentence; empty for one that nobody declares."""
        if self._declared is not None:
            return self._declared.summary
        if self._instruction is not None:
            return self._instruction.summary
        return "" if self._order is None else SLOT_SUMMARY

    @property
    def word(self) -> int | None:
        """The status word, `None` when no answer came."""
        return int.from_bytes(self.response[-_WORD_BYTES:], "big") if len(self.response) > 1 else None

    @property
    def meaning(self) -> str:
        """What the status word says, in one sentence."""
        word = self.word
        return Sentence("no answer") if word is None else word_sentence(word)

    @property
    def brief(self) -> str:
        """The first few fields of command and answer in one line; what is inside them is left out."""
        asked = self._request_in(Locator(self.command, {}, SHOWING, _BRIEF_FIELDS))
        answered = self._answer_in(Locator(self.response, {}, SHOWING, _BRIEF_FIELDS))
        parts = [part for fields in (asked, answered) for part in self._brief_parts(fields)[:_BRIEF_PARTS]]
        return Joined(_BETWEEN, parts)

    def _brief_parts(self, fields: Fields) -> list[str]:
        parts = []
        for field in fields:
            is_parameter = field.name in _PARAMETERS
            if field.name in _NOT_BRIEF or (is_parameter and not field.shown):
                continue
            told = field.shown if is_parameter else _brief_field(field)
            if told:
                parts.append(told)
        return parts

    @cached_property
    def request(self) -> Fields:
        """The fields of the command, which cover all its bytes."""
        return self._request_in(Locator(self.command, INSIDE, SHOWING, self._most))

    def _request_in(self, locator: Locator) -> Fields:
        size = len(self.command)
        if not self._is_whole:
            return locator.rest(0, size)
        header = self._header(locator)
        if self._instruction is not None and self._instruction.has_code and size > _HEADER_BYTES + 1:
            # Everything behind the first length byte was blanked, a second one and Le included.
            at = _HEADER_BYTES + 1
            lead = _number_field(locator, "Lc", _FOLLOWING, _HEADER_BYTES, at)
            return (*header, *lead, locator.field("code", Sentence("code, blanked"), at, size, None, "••••"))
        try:
            nc = len(CommandApdu.parse(self.command).data)
        except CodecError:
            return (*header, *locator.rest(_HEADER_BYTES, size))
        start = _HEADER_BYTES + (0 if not nc else 1 if self.command[_HEADER_BYTES] else 3)
        end = start + nc
        return (
            *header,
            *_number_field(locator, "Lc", _FOLLOWING, _HEADER_BYTES, start),
            *self._request_data(locator, start, end),
            *_expected_field(locator, end, size),
        )

    @cached_property
    def answer(self) -> Fields:
        """The fields of the answer, which cover all its bytes, the status word last."""
        return self._answer_in(Locator(self.response, INSIDE, SHOWING, self._most))

    def _answer_in(self, locator: Locator) -> Fields:
        word = self.word
        if word is None:
            return locator.rest(0, len(self.response))
        end = len(self.response) - _WORD_BYTES
        text = Sentence("status word")
        return (
            *self._answer_data(locator, end, word),
            locator.field("SW", text, end, end + _WORD_BYTES, f"{word:04X}", word_sentence(word)),
        )

    def _header(self, locator: Locator) -> Fields:
        cla = self.command[0]
        kind: str = Sentence("of Log_SV") if self._declared is not None else _class_sentence(cla)
        if self._order is not None:
            kind = Sentence("for the slot itself")
        return (
            locator.bytes_field("CLA", Sentence("class"), 0, 1, kind),
            locator.bytes_field("INS", Sentence("instruction"), 1, 2, self.name if self._is_known else ""),
            *locate_parameters(locator, self._instruction),
        )

    @property
    def _is_known(self) -> bool:
        return (self._declared or self._order or self._instruction) is not None

    def _request_data(self, locator: Locator, start: int, end: int) -> Fields:
        if self._declared is not None:
            return locator.record(self._declared.request, start, end)
        if start >= end:
            return ()
        known = self._instruction
        chained = self.command[0] & _CHAINED
        if known is not None and not chained and (known in OBJECTS_IN or self.command[1] & 1):
            names = IN_CONTROL_REFERENCE if known is CardIns.MANAGE_SECURITY_ENVIRONMENT else None
            if names is not None or are_objects(locator.raw[start:end]) or known is CardIns.GET_DATA:
                return locate_objects(locator, start, end, names or {})
        return (locator.bytes_field("data", Sentence("data"), start, end),)

    def _answer_data(self, locator: Locator, end: int, word: int) -> Fields:
        if self._declared is not None and word == Status.OK:
            return locator.record(self._declared.response, 0, end)
        if self._order is not None and word == Status.OK:
            return locator.record(SLOT_STATE, 0, end)
        if not end:
            return ()
        known = self._instruction
        if known in OBJECTS_OUT and word == Status.OK and are_objects(locator.raw[:end]):
            return locate_objects(locator, 0, end)
        return (locator.bytes_field("data", Sentence("data"), 0, end),)


_BRIEF_FIELDS: Final = 16
_BRIEF_PARTS: Final = 3
_LONG: Final = 40
_BETWEEN: Final = " · "
_BRIEF_CHARACTERS: Final = 24
_PARAMETERS: Final = frozenset(("P1", "P2", "P1-P2"))
_NOT_BRIEF: Final = frozenset(("CLA", "INS", "Lc", "Le", "SW", "?"))

_FOLLOWING: Final = Sentence("bytes of data that follow")
SLOT_SUMMARY: Final = Sentence("Power the card of a slot, or ask whether there is one.")


def _brief_field(field: LocatedField) -> str:
    """Return a field in a few characters, nothing for an empty one or one that is long and says little."""
    value = field.value
    is_long = isinstance(value, str) and len(value) > _LONG and field.name != "data"
    if field.fields or value in (None, "") or is_long:
        return ""
    if isinstance(field.shown, Sentence):
        return Sentence("{name} {value}", name=field.name, value=field.shown)
    if isinstance(field.value, bool):
        return Sentence(
            "{name} {value}", name=field.name, value=Sentence("yes") if field.value else Sentence("no")
        )
    value = field.shown or str(field.value)
    if len(value) > _BRIEF_CHARACTERS:
        value = value[:_BRIEF_CHARACTERS] + "…"
    return f"{field.name} {value}"


def describe(lad: Lad, command: bytes, response: bytes | None) -> Description:
    """Return the description of an exchange. Never raises, whatever the bytes."""
    return Description(lad, command, response or b"")


def word_sentence(word: int) -> Sentence:
    """Return what a status word says, with the number that it carries (ISO/IEC 7816-4 §5.6)."""
    first, count = word >> 8, word & 0xFF or MAX_SHORT_NE
    if first == 0x61:
        return Sentence("{count} bytes wait for GET RESPONSE", count=count)
    if first == 0x6C:
        return Sentence("Wrong Le: {count} bytes are there", count=count)
    if word == Status.OK or Status.of(word) is None:
        return Sentence(Status.OK.en) if word == Status.OK else Sentence("undeclared {word:04X}", word=word)
    return StatusError(word).message


def _number_field(locator: Locator, name: str, text: str, start: int, end: int) -> Fields:
    if start >= end:
        return ()
    number = int.from_bytes(locator.raw[start:end], "big")
    return (locator.field(name, text, start, end, number),)


def _expected_field(locator: Locator, start: int, end: int) -> Fields:
    size = end - start
    if not size:
        return ()
    most = MAX_SHORT_NE if size == 1 else MAX_NE
    number = int.from_bytes(locator.raw[start:end], "big")
    shown = "" if number else Sentence("as many as there are, at most {most}", most=most)
    return (locator.field("Le", Sentence("bytes expected"), start, end, number, shown),)


def _class_sentence(cla: int) -> str:
    if cla & _PROPRIETARY:
        return Sentence("proprietary")
    if cla & _CHAINED:
        return Sentence("more of this command follows")
    if cla & _SECURE:
        return Sentence("secure messaging")
    if cla & _CHANNEL:
        return Sentence("channel {number}", number=cla & _CHANNEL)
    return Sentence("interindustry")
