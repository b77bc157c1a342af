"""Fields and where they lie: the offsets of each in the bytes that carry it, found from its declaration.

This reads what `Record.parse` reads, but goes as far as the bytes allow: it is what a trace shows of a
message, whole or damaged. Nothing here raises for any bytes. Source: Project-defined.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tla_sim.protocol.moment import moment_text
from tla_sim.protocol.sentence import Sentence
from tla_sim.protocol.wire.forms import Blob, Differs, Fixed, Flag, Holds, Many, Number
from tla_sim.protocol.wire.record import Record, WireField

MAX_FIELDS: Final = 4_096
"""The most fields found in one message; what follows is given as one."""

Value = int | str | bool | None
"""A number, a text, bytes in hex, the name of a member of an enumeration; `None` where fields are inside."""


@dataclass(frozen=True, slots=True)
class LocatedField:
    """One field: its bytes are `start` to `end`, of which the first `lead` are a length, a count or a tag.

    `text` says what it is. `shown` is the value as people read it, where that is not `value` itself. `fields`
    lie inside, in order, without overlap. `varies` says that it may differ in another run of the same flow.
    """

    name: str
    text: str
    start: int
    end: int
    value: Value = None
    shown: str = ""
    lead: int = 0
    fields: tuple[LocatedField, ...] = ()
    varies: bool = False

    def as_json(self, say: Callable[[str], str] = str) -> dict[str, Any]:
        """Return the field as JSON holds it. `say` puts `text` and `shown` into the language wanted."""
        told: dict[str, Any] = {
            "name": self.name,
            "text": say(self.text),
            "start": self.start,
            "end": self.end,
            "value": self.value,
        }
        if self.shown:
            told["shown"] = say(self.shown)
        if self.lead:
            told["lead"] = self.lead
        if self.fields:
            told["fields"] = [each.as_json(say) for each in self.fields]
        return told


Fields = tuple[LocatedField, ...]
Inside = Callable[["Locator", int, int], Fields]
"""Finds the fields inside the bytes from one offset to another, all of which they cover."""
Showing = Callable[[int], str]
"""Returns a number as people read it."""


class Locator:
    """Finds the fields of one message. `inside` and `showing` know those that hold something declared."""

    def __init__(
        self,
        raw: bytes,
        inside: Mapping[Holds, Inside],
        showing: Mapping[Holds, Showing],
        most: int = MAX_FIELDS,
    ) -> None:
        self.raw = raw
        self._inside = inside
        self._showing = showing
        self._left = most

    @property
    def is_full(self) -> bool:
        """Whether as many fields were found as are shown."""
        return self._left <= 0

    def field(
        self,
        name: str,
        text: str,
        start: int,
        end: int,
        value: Value = None,
        shown: str = "",
        lead: int = 0,
        fields: Fields = (),
        varies: bool = False,
    ) -> LocatedField:
        """Return a field, and count it."""
        self._left -= 1
        return LocatedField(name, text, start, end, value, shown, lead, fields, varies)

    def bytes_field(
        self, name: str, text: str, start: int, end: int, shown: str = "", varies: bool = False
    ) -> LocatedField:
        """Return a field whose value is its bytes in hex."""
        return self.field(name, text, start, end, self.raw[start:end].hex(), shown, varies=varies)

    def rest(self, start: int, end: int) -> Fields:
        """Return the field of bytes that no declaration explains; none if there are none."""
        if start >= end:
            return ()
        text = (
            Sentence("more bytes, whose fields are not shown")
            if self.is_full
            else Sentence("bytes that the declaration does not explain")
        )
        return (self.bytes_field("?", text, start, end),)

    def record(self, record: Record[Any], start: int, end: int) -> Fields:
        """Return the fields of a record, which cover all the bytes from `start` to `end`."""
        fields, at, _ = self.prefix(record, start, end)
        return (*fields, *self.rest(at, end))

    def prefix(self, record: Record[Any], at: int, end: int) -> tuple[Fields, int, bool]:
        """Return a record's fields, where they end, and whether they are all there."""
        fields: list[LocatedField] = []
        for name, wire in record.fields.items():
            found, at, whole = self._declared(name, wire, at, end)
            if found is not None:
                fields.append(found)
            if not whole:
                return tuple(fields), at, False
        return tuple(fields), at, True

    def _declared(
        self, name: str, wire: WireField, at: int, end: int
    ) -> tuple[LocatedField | None, int, bool]:
        if self.is_full:
            return None, at, False
        match wire.form:
            case Number(size=size) as form if at + size <= end:
                number = int.from_bytes(self.raw[at : at + size], "little" if form.little else "big")
                return self._number(name, wire, at, at + size, number), at + size, True
            case Flag() if at < end:
                return self.field(name, wire.doc, at, at + 1, self.raw[at] != 0), at + 1, True
            case Fixed(size=size) if at + size <= end:
                varies = _varies(wire)
                return self.bytes_field(name, wire.doc, at, at + size, varies=varies), at + size, True
            case Blob() as form:
                return self._blob(name, wire, form, at, end)
            case Many() as form:
                return self._many(name, wire, form, at, end)
        return None, at, False

    def _number(self, name: str, wire: WireField, start: int, end: int, number: int) -> LocatedField:
        value: Value = number
        shown = ""
        if wire.enum is not None:
            known = wire.enum._value2member_map_.get(number)
            if known is None:
                shown = Sentence("undeclared {value}", value=number)
            else:
                value = str(known.name)
        elif wire.holds is not None:
            show = self._showing.get(wire.holds)
            shown = "" if show is None else show(number)
        # A moment of 0 stands for none, which is the same in every run.
        varies = _varies(wire) or (wire.holds is Holds.MOMENT and number != 0)
        return self.field(name, wire.doc, start, end, value, shown, varies=varies)

    def _blob(
        self, name: str, wire: WireField, form: Blob, at: int, end: int
    ) -> tuple[LocatedField | None, int, bool]:
        lead = form.length.size
        start = at + lead
        stop = start + int.from_bytes(self.raw[at:start], "big")
        if start > end or stop > end:
            return None, at, False
        shown = ""
        varies = _varies(wire)
        if form.is_text:
            try:
                text = self.raw[start:stop].decode()
                return self.field(name, wire.doc, at, stop, text, lead=lead, varies=varies), stop, True
            except UnicodeDecodeError:
                shown = Sentence("not UTF-8")
        inside = None if wire.holds is None else self._inside.get(wire.holds)
        if inside is not None and start < stop:
            fields = inside(self, start, stop)
            return self.field(name, wire.doc, at, stop, lead=lead, fields=fields), stop, True
        value = self.raw[start:stop].hex()
        return self.field(name, wire.doc, at, stop, value, shown, lead, varies=varies), stop, True

    def _many(
        self, name: str, wire: WireField, form: Many, at: int, end: int
    ) -> tuple[LocatedField | None, int, bool]:
        start = at + form.count.size
        if start > end:
            return None, at, False
        count = int.from_bytes(self.raw[at:start], "big")
        items: list[LocatedField] = []
        here, whole = start, True
        for place in range(1, count + 1):
            item, here, whole = self._item(str(place), wire, form.item, here, end)
            if item is not None:
                items.append(item)
            if not whole:
                break
        lead = form.count.size
        value = None if items else 0
        found = self.field(name, wire.doc, at, here, value, lead=lead, fields=tuple(items))
        return found, here, whole

    def _item(
        self, name: str, wire: WireField, item: Blob | Record[Any], at: int, end: int
    ) -> tuple[LocatedField | None, int, bool]:
        if isinstance(item, Blob):
            return self._blob(name, wire, item, at, end)
        if self.is_full:
            return None, at, False
        fields, here, whole = self.prefix(item, at, end)
        if here == at:
            return None, at, whole
        return self.field(name, first_line(item), at, here, fields=fields), here, whole


def _varies(wire: WireField) -> bool:
    return wire.differs in (Differs.BY_RUN, Differs.BY_BATCH)


def first_line(record: Record[Any]) -> str:
    """Return what a record is, in the first line of its type's docstring."""
    return (record.type.__doc__ or record.type.__name__).strip().split("\n", 1)[0]


def show_moment(moment: int) -> str:
    """Return a moment of the reader as its date and time; empty for 0, which stands for none."""
    return moment_text(moment) if moment else ""
