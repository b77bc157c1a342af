"""Files of BER-TLV data objects as text: a tree of tags, each with its objects or its value."""

from __future__ import annotations

from typing import Any, Final

from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.sentence import Sentence
from tla_sim.protocol.tlv import MAX_DEPTH, Tlv, build_all, parse_all, read_header
from tla_sim.tools.cards.text.given import NOTE, Given, lines_of
from tla_sim.tools.cards.text.object_names import Names

_TAG: Final = "tag"
_OBJECTS: Final = "objects"
_FORMS: Final = ("hex", "text", "latin-1")
_STRINGS: Final = (0x0C, 0x13, 0x16, 0x50)
"""Tags that hold text however short: UTF8String, PrintableString, IA5String, the label of ISO/IEC 7816-4."""
_IDENTIFIERS: Final = (0x02, 0x03, 0x06, 0x4F, 0x51)
"""Tags that never hold text: INTEGER, BIT STRING, OBJECT IDENTIFIER, application identifier, path."""
_SHORTEST: Final = 3
"""Fewer printable bytes under another tag are more likely an identifier than a text."""
_ZERO, _ERASED = b"\0", b"\xff"


def objects_told(raw: bytes, names: Names) -> list[dict[str, Any]] | None:
    """Return the data objects that these bytes are, as JSON; `None` for any other bytes."""
    try:
        objects = parse_all(raw)
        if not objects or build_all(objects) != raw:
            return None
    except CodecError:
        return None
    return [_told(each, names.under(at, each.tag)) for at, each in enumerate(objects)]


def objects_given(given: Given) -> bytes:
    """Return the bytes of the data objects in a list. Raises Flawed."""
    objects = [_object(each, MAX_DEPTH) for each in given.items()]
    return build_all(objects)


def end_of_objects(raw: bytes) -> int:
    """Return where the whole data objects at the start of these bytes end."""
    at = 0
    try:
        while at < len(raw) and raw[at : at + 1] not in (_ZERO, _ERASED):
            header = read_header(raw, at)
            if header.length is None or header.start + header.length > len(raw):
                break
            at = header.start + header.length
    except CodecError:
        pass
    return at


def _told(each: Tlv, names: Names) -> dict[str, Any]:
    told: dict[str, Any] = {_TAG: f"{each.tag:02X}"}
    if names.name:
        told[NOTE] = names.name
    if isinstance(each.content, bytes):
        if each.tag in _IDENTIFIERS:
            return told | {"hex": lines_of(each.content)}
        return told | value_told(each.content, _SHORTEST if each.tag not in _STRINGS else 1)
    return told | {
        _OBJECTS: [_told(inner, names.under(at, inner.tag)) for at, inner in enumerate(each.content)]
    }


def value_told(raw: bytes, shortest: int = 1) -> dict[str, Any]:
    """Return bytes as a text where that is what they look like, otherwise in hex."""
    if len(raw) >= shortest:
        for form, codec in (("text", "utf-8"), ("latin-1", "latin-1")):
            try:
                text = raw.decode(codec)
            except UnicodeDecodeError:
                continue
            if all(each.isprintable() if each.isascii() else each.isalpha() for each in text) and (
                text.isascii() or sum(map(str.isascii, text)) * 2 >= len(text)
            ):
                return {form: text}
    return {"hex": lines_of(raw)}


def value_given(members: dict[str, Given]) -> bytes | None:
    """Return the bytes of a value in one of its forms, `None` if it has none. Raises Flawed."""
    found = [each for form in _FORMS if (each := members.get(form)) is not None]
    if not found:
        return None
    if len(found) > 1:
        raise found[1].flawed(Sentence("one form of the value, not two"))
    (given,) = found
    if given.location[-1] == "hex":
        return given.octets(0, 0xFFFF)
    try:
        return given.text().encode("utf-8" if given.location[-1] == "text" else "latin-1")
    except UnicodeEncodeError:
        raise given.flawed(Sentence("letters of Latin-1")) from None


def _object(given: Given, depth: int) -> Tlv:
    members = given.members((_TAG,), (_OBJECTS, *_FORMS))
    raw = members[_TAG].octets(1, 3)
    value = value_given(members)
    inner = members.get(_OBJECTS)
    if (value is None) is (inner is None):
        raise given.flawed(Sentence("objects, or a value in hex, text or latin-1"))
    if depth == 0:
        raise given.flawed(Sentence("at most {most} levels", most=MAX_DEPTH))
    tag = int.from_bytes(raw, "big")
    made = Tlv(tag, value) if value is not None else Tlv(tag, _inner(inner, depth))
    try:
        Tlv(tag, b"" if value is not None else ()).build()
    except CodecError:
        expected = (
            Sentence("a tag of objects, such as 61")
            if value is None
            else Sentence("a tag of a value, such as 5A")
        )
        raise members[_TAG].flawed(expected) from None
    return made


def _inner(given: Given | None, depth: int) -> tuple[Tlv, ...]:
    return () if given is None else tuple(_object(each, depth - 1) for each in given.items())
