"""BER-TLV data objects (ISO/IEC 7816-4 §5.2.2) and where they lie, as far as the bytes are objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.sentence import Sentence
from tla_sim.protocol.tlv import MAX_DEPTH, parse_all, read_header
from tla_sim.protocol.wire.located import Fields, Locator

NAMES: Final[Mapping[int, Sentence]] = {
    0x4D: Sentence("extended header list"),
    0x4F: Sentence("application identifier"),
    0x50: Sentence("label"),
    0x51: Sentence("path of a file"),
    0x5A: Sentence("primary account number"),
    0x61: Sentence("application template"),
    0x62: Sentence("file control parameters"),
    0x64: Sentence("file management data"),
    0x6F: Sentence("file control information"),
    0x70: Sentence("template"),
    0x73: Sentence("discretionary objects"),
    0x7F41: Sentence("sizes of a code"),
    0x7F48: Sentence("data of a key"),
}
"""Interindustry objects, ISO/IEC 7816-4 §8.2.1 and 7816-6; 7F41 and 7F48 as on IAS-ECC cards."""

IN_FILE_PARAMETERS: Final[Mapping[int, Sentence]] = {
    0x80: Sentence("bytes of content"),
    0x81: Sentence("bytes of the file in all"),
    0x82: Sentence("file descriptor"),
    0x83: Sentence("file identifier"),
    0x84: Sentence("name of the application"),
    0x85: Sentence("proprietary information"),
    0x86: Sentence("security attributes, proprietary"),
    0x88: Sentence("short file identifier"),
    0x8A: Sentence("life cycle"),
    0x8C: Sentence("security attributes, compact"),
    0xA5: Sentence("proprietary objects"),
}
"""ISO/IEC 7816-4 §7.4.3, table 10, inside 62, 64 and 6F."""

IN_CONTROL_REFERENCE: Final[Mapping[int, Sentence]] = {
    0x80: Sentence("algorithm"),
    0x81: Sentence("reference of a file"),
    0x82: Sentence("name of an application"),
    0x83: Sentence("reference of a key"),
    0x84: Sentence("reference of a private key"),
    0x91: Sentence("random number"),
    0x94: Sentence("challenge"),
}
"""ISO/IEC 7816-4 §10.3.2, in the data of MANAGE SECURITY ENVIRONMENT."""

FILE_TEMPLATES: Final = frozenset((0x62, 0x64, 0x6F))
_CONSTRUCTED: Final = 0x20
_HEADER_LIST: Final = 0x4D
"""Primitive by its tag, though its value consists of tags and lengths."""


def are_objects(raw: bytes) -> bool:
    """Return whether these bytes are data objects, one at least, with nothing over."""
    try:
        return bool(parse_all(raw))
    except CodecError:
        return False


def locate_objects(
    locator: Locator,
    start: int,
    end: int,
    names: Mapping[int, Sentence] = NAMES,
    depth: int = MAX_DEPTH,
) -> Fields:
    """Return the objects in these bytes, each with those inside it; bytes that are none as they are."""
    found = []
    at = start
    while at < end and not locator.is_full:
        try:
            header = read_header(locator.raw, at)
        except CodecError:
            break
        # The length 80 stands for the whole object in an extended header list; nothing follows it.
        stop = header.start + (header.length or 0)
        if stop > end:
            break
        tag, lead = header.tag, header.start - at
        first = locator.raw[at]
        text = names.get(tag) or NAMES.get(tag) or Sentence("data object")
        if (first & _CONSTRUCTED or tag == _HEADER_LIST) and header.start < stop and depth > 1:
            inside = IN_FILE_PARAMETERS if tag in FILE_TEMPLATES else NAMES
            fields = locate_objects(locator, header.start, stop, inside, depth - 1)
            found.append(locator.field(f"{tag:02X}", text, at, stop, lead=lead, fields=fields))
        else:
            value = locator.raw[header.start : stop]
            found.append(locator.field(f"{tag:02X}", text, at, stop, value.hex(), _readable(value), lead))
        at = stop
    return (*found, *locator.rest(at, end))


def _readable(value: bytes) -> str:
    """Return the text in a value, empty unless it is a text of three characters or more."""
    text = value.decode("ascii", "replace")
    return text if len(text) >= 3 and text.isascii() and text.isprintable() else ""
