"""Target: the field's memory zones, as practice software may write them, and groups written into zones.

What a zone means is read a second time, one byte after the other, so that an error of the reader's shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Final

from tla_sim.protocol.birth_date import BirthDate
from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.groups.declaration import Group, decode_typed, encode_typed
from tla_sim.protocol.groups.dictionary import DICTIONARY
from tla_sim.protocol.groups.kinds import Kind
from tla_sim.protocol.groups.zone import (
    ZoneData,
    ZoneError,
    decode_zone,
    decode_zone_data,
    encode_zone,
    encode_zone_data,
)
from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.fuzz.case import Case, Step
from tla_sim.tools.fuzz.chance import BytesChance, Chance, pick
from tla_sim.tools.fuzz.mutation import Flaw, mutated, spoil
from tla_sim.tools.fuzz.targets.base import Notes, Target
from tla_sim.tools.judge.violation import Violation

_NUMBERS: Final = (*DICTIONARY, 0, 7, 65_535)
_FIELDS: Final[dict[Kind, tuple[bytes, ...]]] = {
    Kind.TEXT: (b"A", "é".encode(), b"A" * 255, b"\xe9", b"A\0B", b"\x1f", b"\x7f", b" "),
    Kind.DIGITS: (b"1", b"75600001", b"1a", b"9" * 255, "٣".encode()),
    Kind.DATE: (b"201903050000", b"20190305", b"000000000000", b"201902300000", b"201903052460", b"2019"),
    Kind.BIRTH: (b"194220000000", b"19420000", b"000000000000", b"1955081a0000", b"1955"),
    Kind.MOMENT: (b"201903050830", b"20190305083059", b"000000000000", b"201903052500", b"2019"),
    Kind.CENTS: (b"1000", b"-5", b"1.5", b"9" * 20),
    Kind.NUMBER: (b"7", b"-1", b"x", b"-"),
    Kind.FLAG: (b"0", b"1", b"2", b"01"),
    Kind.BYTE: (b"\x01", b"\0", b"\xff", b"12"),
    Kind.BINARY: (b"\0\x1d\x1f\xff", b"A" * 200, b"A" * 300),
}
"""What a field may have, the sound first."""
_VALUES: Final[dict[Kind, tuple[Any, ...]]] = {
    Kind.TEXT: ("A", "é", "", "A" * 300, "\x1f", "\ud800"),
    Kind.DIGITS: ("1", "75600001", "1a", "9" * 300),
    Kind.DATE: (date(2019, 3, 5), date.min, date.max),
    Kind.BIRTH: (BirthDate("19550812"), BirthDate("19429931"), BirthDate("00000000"), "1955"),
    Kind.MOMENT: (datetime(2019, 3, 5, 8, 30, 59, tzinfo=UTC).replace(tzinfo=None),),
    Kind.CENTS: (1_000, 0, -5, 10**20),
    Kind.NUMBER: (7, 0, -1, 10**20),
    Kind.FLAG: (True, False),
    Kind.BYTE: (7, 0, 255, 256, -1),
    Kind.BINARY: (b"\x00\xff", b"", b"A" * 60_000, b"A" * 60_001),
}
_RECIPE: Final = 160
"""The bytes that one group's choices are read from; any further choice is the first of its kind."""
_MOST_GROUPS: Final = 4


class ZonesTarget(Target):
    """Zones sound and unsound, read; groups that may not fit, written."""

    name = "zones"
    unit = "zone"
    summary = Sentence("memory zones of practice software, read and written")
    acts = ("read", "write")

    def generate(self, chance: Chance) -> Case:
        """Make one to six zones or groups."""
        return tuple(
            Step("write", "", chance.data(_RECIPE))
            if not chance.below(3)
            else Step("read", "", _zone(chance))
            for _ in range(1 + chance.below(6))
        )

    def run(self, case: Case, notes: Notes) -> None:
        """Read each zone, write each group."""
        for step in case:
            judge = _judge_reading if step.act == "read" else _judge_writing
            try:
                judge(step.data)
                outcome = "taken"
            except TlaError as error:
                if not isinstance(error, ZoneError):
                    raise Violation(
                        "typed refusal", Sentence("a zone is refused by another error")
                    ) from error
                str(error)
                outcome = "refused"
            notes.saw(step.act, outcome)

    def declared(self) -> tuple[tuple[str, str], ...]:
        """Return reading and writing, each as taken and as refused."""
        return tuple((act, outcome) for act in self.acts for outcome in ("taken", "refused"))


def _step(chance: Chance) -> Step:
    return Step("read", "", _zone(chance)) if chance.below(3) else Step("write", "", chance.data(_RECIPE))


def _zone(chance: Chance) -> bytes:
    """Make a zone of some groups, mostly sound but for one thing."""
    odd = chance.below(3)
    pieces: list[bytes] = []
    for _ in range(1 + chance.below(_MOST_GROUPS)):
        number = pick(chance, _NUMBERS)
        fields = [_field(chance, piece) for piece in _contents(chance, number, odd == 1)]
        content = b"".join(fields)
        pieces += (number.to_bytes(2), _length(chance, len(content)), content)
    if odd:
        return b"".join(pieces)
    flaw = pick(chance, (Flaw.TRUNCATED, Flaw.OVERSIZED, Flaw.DUPLICATED, Flaw.REORDERED, Flaw.RAW))
    return spoil(pieces, chance, flaw) if chance.below(4) else mutated(b"".join(pieces), chance)


def _contents(chance: Chance, number: int, odd: bool) -> list[bytes]:
    declaration = DICTIONARY.get(number)
    if declaration is None:
        return [chance.data(chance.below(4)) for _ in range(chance.below(4))]
    fields = [b""] * declaration.zone_count
    for field in declaration.fields:
        if field.zoned and (field.required or chance.below(2)):
            choices = _FIELDS[field.kind]
            fields[field.number - 1] = pick(chance, choices) if odd and not chance.below(4) else choices[0]
    if odd and not chance.below(4):
        fields = fields[:-1] if chance.below(2) else [*fields, b""]
    return fields


def _field(chance: Chance, value: bytes) -> bytes:
    return _length(chance, len(value)) + value


def _length(chance: Chance, size: int) -> bytes:
    """Write a length, now and then in more bytes than it needs, or in a form that zones do not have."""
    longer = chance.below(24)
    if longer == 0:
        return b"\x82" + size.to_bytes(2)
    if longer == 1 and size <= 0xFF:
        return b"\x81" + bytes((size,))
    if longer == 2:
        return pick(chance, (b"\x80", b"\x83\0" + size.to_bytes(2), b"\xff"))
    if size <= 0x7F:
        return bytes((size,))
    return bytes((0x81, size)) if size <= 0xFF else b"\x82" + size.to_bytes(2)


def _judge_reading(raw: bytes) -> None:
    meant = list(_second_reading(raw))
    try:
        found = decode_zone_data(raw)
    except ZoneError:
        if None not in meant:
            raise Violation("meaning", Sentence("a sound zone is refused")) from None
        raise
    if list(found) != meant:
        raise Violation("meaning", Sentence("a zone is read as another"), raw.hex())
    again = encode_zone_data(found)
    if decode_zone_data(again) != found or len(again) > len(raw):
        raise Violation("round trip", Sentence("a zone reads back differently"), raw.hex())
    _judge_typed(decode_zone(raw))


def _second_reading(raw: bytes) -> Iterator[ZoneData | None]:
    """Read a zone a second time. Yield `None` and stop where it is not sound."""
    rest = raw
    while rest:
        content, rest = _take(rest[2:])
        if content is None or len(raw) < 2:
            yield None
            return
        fields: list[bytes] = []
        number = int.from_bytes(raw[:2])
        while content:
            field, content = _take(content)
            if field is None:
                yield None
                return
            fields.append(field)
        yield ZoneData(number, tuple(fields))
        raw = rest


def _take(raw: bytes) -> tuple[bytes | None, bytes]:
    """Take a length and a value off the beginning: the value, `None` if there is none, and what follows."""
    width = {0x81: 1, 0x82: 2}.get(raw[0], 0) if raw else 0
    if not raw or len(raw) < 1 + width or (raw[0] > 0x7F and not width):
        return None, b""
    size = int.from_bytes(raw[1 : 1 + width]) if width else raw[0]
    value, rest = raw[1 + width : 1 + width + size], raw[1 + width + size :]
    return (value, rest) if len(value) == size else (None, b"")


def _judge_typed(groups: Sequence[Group]) -> None:
    for group in groups:
        for field in group.DECLARATION.fields:
            value = getattr(group, field.name)
            if isinstance(value, str) and any(ord(letter) < 0x20 for letter in value):
                raise Violation("form", Sentence("a text with a control character is read"), field.name)
    if decode_zone(encode_zone(groups)) != tuple(map(_to_the_minute, groups)):
        raise Violation("round trip", Sentence("typed groups read back differently from a zone"))
    if decode_typed(encode_typed(groups)) != tuple(groups):
        raise Violation("round trip", Sentence("groups of a zone do not fit our line"))


def _to_the_minute(group: Group) -> Group:
    """Return what a zone keeps of the group."""
    kept: dict[str, Any] = {}
    for field in group.DECLARATION.fields:
        value = getattr(group, field.name)
        if isinstance(value, datetime):
            kept[field.name] = value.replace(second=0)
        elif not field.zoned:
            kept[field.name] = None
    return replace(group, **kept) if kept else group  # type: ignore[type-var]


def _judge_writing(recipe: bytes) -> None:
    chance = BytesChance(recipe)
    declaration = DICTIONARY[pick(chance, tuple(DICTIONARY))]
    odd = not chance.below(2)
    values = {}
    for field in declaration.fields:
        choices = _VALUES[field.kind]
        values[field.name] = pick(chance, choices) if odd and not chance.below(3) else choices[0]
    group = declaration.type(**values)
    raw = encode_zone([group])
    (data,) = decode_zone_data(raw)
    if len(data.fields) != declaration.zone_count:
        raise Violation("form", Sentence("a group is written with another number of fields"))
    if decode_zone(raw) != (_to_the_minute(group),):
        raise Violation("round trip", Sentence("a typed group reads back differently from a zone"))
