"""BER-TLV data objects (ISO/IEC 7816-4 §5.2.2; ITU-T X.690, ISO/IEC 8825-1, clause 8.1).

Tags have one to three bytes, lengths one to five (up to 4 GiB announced, never more than is there). Refused:
indefinite lengths, tags 00 and FF, overlong tags, more than `MAX_DEPTH` levels. A length field longer than
necessary is accepted, and written in its shortest form. Tags and lengths are loops over bytes, which
construct can neither declare without custom code nor compile, so this module parses both by hand.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from tla_sim.protocol.errors import CodecError

MAX_DEPTH: Final = 16
MAX_TAG_BYTES: Final = 3
MAX_LENGTH_BYTES: Final = 4

_CONSTRUCTED: Final = 0x20
_NUMBER: Final = 0x1F
_MORE: Final = 0x80

VECTORS: Final = (
    ("8000", 0x80, b""),
    ("840181", 0x84, b"\x81"),
    ("5F2003414243", 0x5F20, b"ABC"),
    ("5A0A80250000011234567890", 0x5A, bytes.fromhex("80250000011234567890")),
    ("0481" + "80" + "2A" * 128, 0x04, b"\x2a" * 128),
    ("0482" + "0100" + "2A" * 256, 0x04, b"\x2a" * 256),
)
"""Bytes, tag and content of primitive objects, each in its shortest form."""


class Tlv(NamedTuple):
    """One data object: its tag as an integer (0x84, 0x7F41, 0xBF9002) and its content.

    `content` is bytes when the tag is primitive, a tuple of objects when it is constructed.
    Source: ISO/IEC 7816-4 §5.2.2.1.
    """

    tag: int
    content: bytes | tuple[Tlv, ...] = b""

    def __repr__(self) -> str:
        # Without the content, which may be secret.
        return f"Tlv({self.tag:#x})"

    @property
    def value(self) -> bytes:
        """The bytes of the content, whether primitive or constructed."""
        return self.content if isinstance(self.content, bytes) else build_all(self.content)

    @property
    def children(self) -> tuple[Tlv, ...]:
        """The objects directly inside. Raises CodecError when the object is primitive."""
        if isinstance(self.content, bytes):
            raise CodecError("Data object {tag:X} holds no others", "Read its value", tag=self.tag)
        return self.content

    def find(self, tag: int) -> Tlv | None:
        """Return the first object with this tag directly inside, `None` if there is none."""
        if isinstance(self.content, bytes):
            return None
        return next((child for child in self.content if child.tag == tag), None)

    def build(self) -> bytes:
        """Return the object's bytes: tag, shortest length, content.

        Raises CodecError when the tag is impossible, does not suit the content, or levels exceed `MAX_DEPTH`.
        """
        return self._build(MAX_DEPTH)

    def _build(self, depth: int) -> bytes:
        if depth == 0:
            raise CodecError("Data objects nest at most {most} deep", "Flatten the structure", most=MAX_DEPTH)
        tag = _tag_bytes(self.tag)
        if bool(tag[0] & _CONSTRUCTED) is isinstance(self.content, bytes):
            raise CodecError(
                "Tag {tag:X} is {form} but its content is not",
                "Give objects to a constructed tag and bytes to a primitive one",
                tag=self.tag,
                form="constructed" if tag[0] & _CONSTRUCTED else "primitive",
            )
        if isinstance(self.content, bytes):
            value = self.content
        else:
            value = b"".join([child._build(depth - 1) for child in self.content])
        return tag + build_length(len(value)) + value


class Header(NamedTuple):
    """The tag and length of an object, and the offset where its content starts.

    `length` is `None` for the byte 80, which X.690 calls indefinite; only an extended header list
    (ISO/IEC 7816-4 §8.4.1.3) gives it another meaning: "the whole object".
    """

    tag: int
    length: int | None
    start: int


def read_header(raw: bytes, offset: int = 0) -> Header:
    """Return the tag and length at `offset`. Raises CodecError when they are cut short or impossible."""
    tag, at = _read_tag(raw, offset)
    if at >= len(raw):
        raise CodecError("Data object {tag:X} ends before its length", "Send it whole", tag=tag)
    first = raw[at]
    at += 1
    if first < _MORE:
        return Header(tag, first, at)
    if first == _MORE:
        return Header(tag, None, at)
    count = first & 0x7F
    if count > MAX_LENGTH_BYTES:
        raise CodecError(
            "Data object {tag:X} has a length of {count} bytes", "Use at most 4", tag=tag, count=count
        )
    if at + count > len(raw):
        raise CodecError("Data object {tag:X} ends inside its length", "Send it whole", tag=tag)
    return Header(tag, int.from_bytes(raw[at : at + count], "big"), at + count)


def parse(raw: bytes) -> Tlv:
    """Return the one object that `raw` consists of. Raises CodecError when it is anything else."""
    objects = parse_all(raw)
    if len(objects) != 1:
        raise CodecError("One data object expected, {count} found", "Send exactly one", count=len(objects))
    return objects[0]


def parse_all(raw: bytes) -> tuple[Tlv, ...]:
    """Return the objects that `raw` consists of, in order; none if it is empty. Raises CodecError."""
    return _parse_all(raw, MAX_DEPTH)


def build_all(objects: Iterable[Tlv]) -> bytes:
    """Return the bytes of several objects, one after another. Raises CodecError."""
    return b"".join([each.build() for each in objects])


def build_length(length: int) -> bytes:
    """Return the shortest length field: one byte up to 127, else 81 to 84 and big-endian bytes.

    Raises CodecError for a length that takes more than 4 bytes.
    """
    if 0 <= length < _MORE:
        return bytes((length,))
    count = (length.bit_length() + 7) // 8
    if length < 0 or count > MAX_LENGTH_BYTES:
        raise CodecError("A data object cannot be {length} bytes long", "Send it in parts", length=length)
    return bytes((_MORE | count,)) + length.to_bytes(count, "big")


def _parse_all(raw: bytes, depth: int) -> tuple[Tlv, ...]:
    if depth == 0:
        raise CodecError("Data objects nest at most {most} deep", "Flatten the structure", most=MAX_DEPTH)
    found: list[Tlv] = []
    at, size = 0, len(raw)
    while at < size:
        first = raw[at]
        length: int | None
        if first and first & _NUMBER != _NUMBER and at + 1 < size and raw[at + 1] < _MORE:
            # Nearly always tag and length are one byte each.
            tag, length, start = first, raw[at + 1], at + 2
        else:
            tag, length, start = read_header(raw, at)
        if length is None:
            raise CodecError("Data object {tag:X} has an indefinite length", "State the length", tag=tag)
        end = start + length
        if end > size:
            raise CodecError(
                "Data object {tag:X} announces {announced} bytes, has {found}",
                "Send it whole",
                tag=tag,
                announced=length,
                found=size - start,
            )
        value = raw[start:end]
        found.append(Tlv(tag, _parse_all(value, depth - 1) if first & _CONSTRUCTED else value))
        at = end
    return tuple(found)


def _read_tag(raw: bytes, offset: int) -> tuple[int, int]:
    if offset >= len(raw):
        raise CodecError("A data object is missing", "Send it whole")
    tag = raw[offset]
    at = offset + 1
    if tag in (0x00, 0xFF):
        raise CodecError("{tag:02X} is not a tag", "Send data objects without padding", tag=tag)
    if tag & _NUMBER != _NUMBER:
        return tag, at
    while True:
        if at >= len(raw):
            raise CodecError("A data object ends inside its tag", "Send it whole")
        byte = raw[at]
        tag = tag << 8 | byte
        at += 1
        length = at - offset
        if (length == 2 and (byte == _MORE or byte < _NUMBER)) or length > MAX_TAG_BYTES:
            raise CodecError(
                "{tag:X} is not a tag", "Write the tag in one to three bytes, as short as it can be", tag=tag
            )
        if not byte & _MORE:
            return tag, at


def _tag_bytes(tag: int) -> bytes:
    raw = tag.to_bytes(max(1, (tag.bit_length() + 7) // 8), "big") if tag >= 0 else b""
    if _read_tag(raw, 0) != (tag, len(raw)):
        raise CodecError("{tag:X} is not one tag", "Write the tag in one to three bytes", tag=tag)
    return raw
