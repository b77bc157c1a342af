"""P1 and P2 of the commands of chip cards, as people read them (ISO/IEC 7816-4:2020, 7816-8)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from tla_sim.protocol.card_instructions import CardIns
from tla_sim.protocol.sentence import Sentence
from tla_sim.protocol.wire.located import Fields, Locator

_P1_AT: Final = 2
_P2_AT: Final = 3
_END: Final = 4
_SHORT_IDENTIFIER: Final = 0x80
_SET: Final = 0x01
_ENVIRONMENT: Final = 0x0F

HOW_SELECTED: Final[Mapping[int, Sentence]] = {
    0x00: Sentence("by identifier; the master file without data"),
    0x01: Sentence("a directory under the current one, by identifier"),
    0x02: Sentence("a file under the current directory, by identifier"),
    0x03: Sentence("the parent directory"),
    0x04: Sentence("an application, by name"),
    0x08: Sentence("by path from the master file"),
    0x09: Sentence("by path from the current directory"),
}
WANTED: Final[Mapping[int, Sentence]] = {
    0x00: Sentence("answer with control information"),
    0x04: Sentence("answer with control parameters"),
    0x08: Sentence("answer with management data"),
    0x0C: Sentence("answer without data"),
}
TEMPLATES: Final[Mapping[int, Sentence]] = {
    0xA4: Sentence("for authentication"),
    0xA6: Sentence("for key agreement"),
    0xAA: Sentence("for hashing"),
    0xB4: Sentence("for a cryptographic checksum"),
    0xB6: Sentence("for a digital signature"),
    0xB8: Sentence("for confidentiality"),
}
ACTIONS: Final[Mapping[int, Sentence]] = {
    0x01: Sentence("set"),
    0x02: Sentence("store the environment"),
    0x03: Sentence("restore an environment"),
    0x04: Sentence("erase an environment"),
}
OPERATIONS: Final[Mapping[int, Sentence]] = {
    0x9E9A: Sentence("compute a digital signature"),
    0x9E9E: Sentence("compute a digital signature"),
    0x8086: Sentence("decipher"),
    0x8680: Sentence("encipher"),
    0x90A0: Sentence("hash, from a template"),
    0x9080: Sentence("hash"),
    0x8E80: Sentence("compute a cryptographic checksum"),
    0x00A2: Sentence("verify a cryptographic checksum"),
    0x00A8: Sentence("verify a digital signature"),
    0x00AE: Sentence("verify a certificate"),
    0x00BE: Sentence("verify a certificate"),
}


def locate_parameters(locator: Locator, instruction: CardIns | None) -> Fields:
    """Return the fields of P1 and P2: two, or one where the standard reads them together."""
    read = READERS.get(instruction) if instruction is not None else None
    return (read or _plain)(locator)


def _two(locator: Locator, first: str, second: str) -> Fields:
    return (
        locator.bytes_field("P1", Sentence("first parameter"), _P1_AT, _P2_AT, first),
        locator.bytes_field("P2", Sentence("second parameter"), _P2_AT, _END, second),
    )


def _plain(locator: Locator) -> Fields:
    return _two(locator, "", "")


def _select(locator: Locator) -> Fields:
    p1, p2 = locator.raw[_P1_AT:_END]
    return _two(locator, HOW_SELECTED.get(p1, ""), WANTED.get(p2 & 0x0C, ""))


def _in_file(locator: Locator) -> Fields:
    p1, p2 = locator.raw[_P1_AT:_END]
    if p1 & _SHORT_IDENTIFIER:
        return _two(
            locator,
            Sentence("file with the short identifier {number}", number=p1 & 0x1F),
            Sentence("from byte {offset}", offset=p2),
        )
    offset = p1 << 8 | p2
    text = Sentence("where in the current file")
    return (
        locator.field("P1-P2", text, _P1_AT, _END, offset, Sentence("from byte {offset}", offset=offset)),
    )


def _record(locator: Locator) -> Fields:
    p1, p2 = locator.raw[_P1_AT:_END]
    file = p2 >> 3
    where = Sentence("in the current file")
    if file:
        where = Sentence("file with the short identifier {number}", number=file)
    return _two(locator, Sentence("record {number}", number=p1), where)


def _code(locator: Locator) -> Fields:
    return _two(locator, "", Sentence("code {number}", number=locator.raw[_P2_AT] & 0x1F))


def _environment(locator: Locator) -> Fields:
    p1, p2 = locator.raw[_P1_AT:_END]
    action = ACTIONS.get(p1 & _ENVIRONMENT, "")
    is_set = p1 & _ENVIRONMENT == _SET
    return _two(locator, action, TEMPLATES.get(p2, "") if is_set else "")


def _operation(locator: Locator) -> Fields:
    shown = OPERATIONS.get(int.from_bytes(locator.raw[_P1_AT:_END], "big"), "")
    return (locator.bytes_field("P1-P2", Sentence("operation"), _P1_AT, _END, shown),)


def _tag(locator: Locator) -> Fields:
    return (locator.bytes_field("P1-P2", Sentence("tag of the object, or its file"), _P1_AT, _END),)


def _channel(locator: Locator) -> Fields:
    p1, p2 = locator.raw[_P1_AT:_END]
    action: str = ""
    if p1 in (0x00, 0x80):
        action = Sentence("close") if p1 else Sentence("open")
    number = Sentence("channel {number}", number=p2) if p2 else Sentence("the next free channel")
    return _two(locator, action, number if p2 or not p1 else "")


READERS: Final[Mapping[CardIns, Callable[[Locator], Fields]]] = {
    CardIns.SELECT: _select,
    **dict.fromkeys(
        (
            CardIns.READ_BINARY,
            CardIns.UPDATE_BINARY,
            CardIns.WRITE_BINARY,
            CardIns.ERASE_BINARY,
            CardIns.SEARCH_BINARY,
        ),
        _in_file,
    ),
    **dict.fromkeys(
        (CardIns.READ_RECORD, CardIns.UPDATE_RECORD, CardIns.WRITE_RECORD, CardIns.ERASE_RECORD), _record
    ),
    **dict.fromkeys(
        (
            CardIns.VERIFY,
            CardIns.CHANGE_REFERENCE_DATA,
            CardIns.RESET_RETRY_COUNTER,
            CardIns.DISABLE_VERIFICATION_REQUIREMENT,
            CardIns.ENABLE_VERIFICATION_REQUIREMENT,
        ),
        _code,
    ),
    CardIns.MANAGE_SECURITY_ENVIRONMENT: _environment,
    CardIns.PERFORM_SECURITY_OPERATION: _operation,
    CardIns.GET_DATA: _tag,
    CardIns.PUT_DATA: _tag,
    CardIns.MANAGE_CHANNEL: _channel,
}
