"""Security data objects: what a PS card reveals about its code and keys through GET DATA 00CB3FFF.

The request is an extended header list (ISO/IEC 7816-4 §8.4.1.3). The objects are those of IAS-ECC: class 01
for the code, class 10 for a private key; 7F41 and 7F48 describe it, A0 is its policy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.tlv import Tlv, read_header
from tla_sim.reader_fw.cards.algorithms import KEY_BYTES
from tla_sim.reader_fw.cards.code_porteur import BLOCK_BYTES, MAX_TRIES, MAX_UNBLOCKS, MIN_DIGITS
from tla_sim.reader_fw.cards.image import CardKey, CodeState, Operation
from tla_sim.reader_fw.cards.refusal import CardRefusal

CODE_CLASS: Final = 0x01
KEY_CLASS: Final = 0x10
CODE_REFERENCE: Final = 0x01
UNBLOCKING_REFERENCE: Final = 0x02
"""The code porteur, and the code that unblocks it."""

_HEADER_LIST: Final = 0x4D
_TEMPLATE: Final = 0x70
_OBJECT: Final = 0xBF
_POLICY: Final = 0xA0
_CODE_SIZES: Final = 0x7F41
_KEY_DATA: Final = 0x7F48
_LOCAL: Final = 0x80

_CODE_RULES: Final = bytes.fromhex("F3000013FF00")
_UNBLOCKING_RULES: Final = bytes.fromhex("F3FF00FFFF00")
"""Access mode byte and a condition for each of its bits: 13 after a code, FF never, 00 always."""
_KEY_MODES: Final = ((Operation.SIGN, 0x40), (Operation.AUTHENTICATE, 0x20), (Operation.DECIPHER, 0x10))
_WRITE_AND_READ: Final = 0x03


def parse_request(data: bytes) -> tuple[int, int, int]:
    """Return the class, reference and tag that an extended header list asks for.

    Raises CodecError unless it is 4D { 70 { BF cc rr { tag 80 } } } with exact lengths.
    """
    inner = _inside(_inside(data, _HEADER_LIST), _TEMPLATE)
    header = read_header(inner)
    if header.tag >> 16 != _OBJECT or header.length != len(inner) - header.start:
        raise CodecError("The header list names no security data object", "Ask for one")
    last = read_header(inner, header.start)
    if last.length is not None or last.start != len(inner):
        raise CodecError("The header list asks for a part of an object", "Ask for the whole")
    return header.tag >> 8 & 0x7F, header.tag & 0xFF, last.tag


def answer(data: bytes, code: CodeState | None, key_of: Callable[[int], CardKey | None]) -> bytes:
    """Return the template that answers a GET DATA request.

    Raises CardRefusal: 6A80 for an ill-formed request, 6A88 for an unknown object.
    """
    try:
        class_, reference, tag = parse_request(data)
    except CodecError:
        raise CardRefusal(Status.WRONG_DATA) from None
    content = None
    if class_ == CODE_CLASS and code is not None:
        content = _of_code(tag, reference, code)
    elif class_ == KEY_CLASS:
        key = key_of(reference | _LOCAL)
        content = None if key is None else _of_key(tag, key)
    if content is None:
        raise CardRefusal(Status.REFERENCE_NOT_FOUND)
    name = _OBJECT << 16 | (class_ | 0x80) << 8 | reference
    return Tlv(_TEMPLATE, (Tlv(name, (content,)),)).build()


def _inside(data: bytes, tag: int) -> bytes:
    header = read_header(data)
    if header.tag != tag or header.length != len(data) - header.start:
        raise CodecError("Object {tag:X} expected", "Ask with an extended header list", tag=tag)
    return data[header.start :]


def _of_code(tag: int, reference: int, code: CodeState) -> Tlv | None:
    counters = {
        CODE_REFERENCE: (MAX_TRIES, code.tries_left, _CODE_RULES),
        UNBLOCKING_REFERENCE: (MAX_UNBLOCKS, code.unblocks_left, _UNBLOCKING_RULES),
    }
    if reference not in counters:
        return None
    if tag == _CODE_SIZES:
        return Tlv(tag, (Tlv(0x80, bytes((BLOCK_BYTES,))), Tlv(0x81, bytes((MIN_DIGITS,)))))
    if tag == _POLICY:
        most, left, rules = counters[reference]
        return Tlv(tag, (Tlv(0x9A, bytes((most,))), Tlv(0x9B, bytes((left,))), _rules(rules)))
    return None


def _of_key(tag: int, key: CardKey) -> Tlv | None:
    if tag == _KEY_DATA:
        return Tlv(tag, (Tlv(0x80, b"\0"),))
    if tag == _POLICY:
        signs = key.may(Operation.SIGN)
        size = Tlv(0x80, KEY_BYTES.to_bytes(2, "big"))
        commits = Tlv(0x9E, bytes((signs,)))
        return Tlv(tag, (size, commits, _rules(_key_rules(key))))
    return None


def _key_rules(key: CardKey) -> bytes:
    modes = [bit for operation, bit in _KEY_MODES if key.may(operation)]
    condition = 0x13 if key.needs_code else 0x00
    return bytes((sum(modes) | _WRITE_AND_READ, *(condition for _ in modes), 0xFF, 0x00))


def _rules(rules: bytes) -> Tlv:
    return Tlv(0xA1, (Tlv(0x8C, rules),))
