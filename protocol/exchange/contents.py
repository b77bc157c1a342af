"""The fields inside a field: SSV groups, documents, signature blocks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tla_sim.protocol.commands.capability import Capability
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.documents.fse import HEADER, MAGIC, SIGNATURE_BYTES, SIGNED_PART
from tla_sim.protocol.documents.invoice import euros
from tla_sim.protocol.groups.declaration import FORMER, Field, GroupDeclaration, find_declaration
from tla_sim.protocol.groups.kinds import Kind
from tla_sim.protocol.sentence import Sentence
from tla_sim.protocol.wire.forms import Holds
from tla_sim.protocol.wire.located import Fields, Inside, LocatedField, Locator, Showing, show_moment

_FIELD_END: Final = b"\x1f"
_GROUP_END: Final = b"\x1d"
_COUNT_BYTES: Final = 2
_MOST_DIGITS: Final = 5


def locate_groups(locator: Locator, start: int, end: int) -> Fields:
    """Return the groups in these bytes (see `tla_sim.protocol.groups.line`), each with its fields."""
    at = start + _COUNT_BYTES
    if at > end:
        return locator.rest(start, end)
    raw = locator.raw
    count = int.from_bytes(raw[start:at], "big")
    found = [locator.field("count", Sentence("groups that follow"), start, at, count, varies=True)]
    while at < end and not locator.is_full:
        stop = raw.find(_GROUP_END, at, end)
        group = None if stop < 0 else _group(locator, at, stop)
        if group is None:
            break
        found.append(group)
        at = stop + 1
    return (*found, *locator.rest(at, end))


def _group(locator: Locator, start: int, stop: int) -> LocatedField | None:
    """Return the group whose separator is at `stop`, `None` if it has no number."""
    head, *texts = locator.raw[start:stop].split(_FIELD_END)
    if not texts or not head.isdigit() or len(head) > _MOST_DIGITS:
        return None
    number, lead = int(head), len(head) + 1
    declaration = FORMER.get((number, len(texts) - 1)) or find_declaration(number)
    declared = {} if declaration is None else {field.number: field for field in declaration.fields}
    fields = []
    at = start + lead
    for place, text in enumerate(texts, 1):
        if text and not locator.is_full:
            fields.append(_group_field(locator, place, declared.get(place), at, at + len(text)))
        at += len(text) + 1
    name = _group_name(declaration)
    return locator.field(str(number), name, start, stop + 1, lead=lead, fields=tuple(fields))


def _group_name(declaration: GroupDeclaration | None) -> str:
    return Sentence("group that is not in the dictionary") if declaration is None else declaration.name


def _group_field(locator: Locator, place: int, declared: Field | None, start: int, end: int) -> LocatedField:
    try:
        text = locator.raw[start:end].decode()
    except UnicodeDecodeError:
        return locator.bytes_field(str(place), Sentence("not UTF-8"), start, end)
    if declared is None:
        return locator.field(str(place), Sentence("field that is not declared"), start, end, text)
    shown = shown_value(declared.kind, text)
    return locator.field(declared.name, declared.label, start, end, text, shown, varies=declared.varies)


def shown_value(kind: Kind, text: str) -> str:
    """Return a group's value as people read it; empty where that is the text itself."""
    if not (text.isascii() and text.removeprefix("-").isdigit()):
        return ""
    match kind:
        case Kind.DATE | Kind.BIRTH if len(text) == 8:
            return f"{text[:4]}-{text[4:6]}-{text[6:]}"
        case Kind.MOMENT if len(text) == 14:
            return f"{text[:4]}-{text[4:6]}-{text[6:8]} {text[8:10]}:{text[10:12]}:{text[12:]}"
        case Kind.CENTS if len(text) <= 13:
            return f"{euros(int(text))} €"
        case Kind.FLAG if text in "01":
            return Sentence("yes") if text == "1" else Sentence("no")
    return ""


def locate_document(locator: Locator, start: int, end: int) -> Fields:
    """Return the parts of an FSE or DRE: header with its invoice, then signature blocks; or of an invoice."""
    if not locator.raw.startswith(MAGIC, start, end):
        return locate_groups(locator, start, end)
    fields, at, whole = locator.prefix(HEADER, start, end)
    blocks: Fields = ()
    if whole:
        blocks = locate_blocks(locator, at, end)
        at = end
    return (*fields, *blocks, *locator.rest(at, end))


def locate_blocks(locator: Locator, start: int, end: int) -> Fields:
    """Return the signature blocks in these bytes, one behind another."""
    found = []
    at = start
    while at < end and not locator.is_full:
        fields, here, whole = locator.prefix(SIGNED_PART, at, end)
        if not whole or here + SIGNATURE_BYTES > end:
            break
        stop = here + SIGNATURE_BYTES
        signature = locator.bytes_field(
            "signature", Sentence("over everything in the document before it"), here, stop, varies=True
        )
        name = Sentence("signature block")
        found.append(locator.field("block", name, at, stop, fields=(*fields, signature)))
        at = stop
    return (*found, *locator.rest(at, end))


def show_status(word: int) -> str:
    """Return the sentence of a status word that a field holds."""
    status = Status.of(word)
    return Sentence("undeclared {word:04X}", word=word) if status is None else Sentence(status.en)


def show_capabilities(mask: int) -> str:
    """Return the names of the bits of a mask of capabilities."""
    return ", ".join(bit.name for bit in Capability if mask & bit) or "-"


INSIDE: Final[Mapping[Holds, Inside]] = {
    Holds.GROUPS: locate_groups,
    Holds.DOCUMENT: locate_document,
    Holds.SIGNATURE_BLOCK: locate_blocks,
}
SHOWING: Final[Mapping[Holds, Showing]] = {
    Holds.MOMENT: show_moment,
    Holds.STATUS: show_status,
    Holds.CAPABILITIES: show_capabilities,
}
