"""What the dissectors know: every declaration of the protocol as plain values, for the engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import Any, Final

from tla_sim.protocol.card_instructions import CardIns
from tla_sim.protocol.commands.capability import Capability
from tla_sim.protocol.commands.command_set import COMMANDS
from tla_sim.protocol.commands.declaration import Command
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.documents.fse import HEADER, MAGIC, SIGNATURE_BYTES, SIGNED_PART
from tla_sim.protocol.exchange import data_objects, parameters
from tla_sim.protocol.exchange.description import OBJECTS_IN, OBJECTS_OUT, SLOT_SUMMARY, word_sentence
from tla_sim.protocol.groups.declaration import FORMER, Field, GroupDeclaration
from tla_sim.protocol.groups.dictionary import DICTIONARY
from tla_sim.protocol.groups.kinds import Kind
from tla_sim.protocol.log_sv_atr import LOG_SV_ATR
from tla_sim.protocol.moment import LATEST_MOMENT
from tla_sim.protocol.slot_order import SLOT_STATE, SlotOrder
from tla_sim.protocol.tlv import MAX_DEPTH, MAX_LENGTH_BYTES, MAX_TAG_BYTES
from tla_sim.protocol.wire.forms import Blob, Fixed, Flag, Form, Many, Number
from tla_sim.protocol.wire.located import MAX_FIELDS, first_line
from tla_sim.protocol.wire.record import Record, WireField
from tla_sim.tools.capture.dissector.lua import Literal
from tla_sim.tools.capture.tracer import DEVICES

_Table = dict[str, Literal]

_VPCD_ORDERS: Final[Mapping[int, str]] = {
    0: "power off",
    1: "power on",
    2: "reset",
    4: "give the answer to reset",
}
"""Source: vsmartcard, virtualsmartcard/src/vpcd."""

_REFLECTED: Final = 0x8408
"""The polynomial 0x1021, mirrored."""

_KINDS: Final = {
    Kind.DATE: "date",
    Kind.BIRTH: "date",
    Kind.MOMENT: "moment",
    Kind.CENTS: "cents",
    Kind.FLAG: "flag",
}


def tables() -> _Table:
    """Return every table that the engine reads, by name."""
    return {
        "commands": {int(command.ins): _command(command) for command in COMMANDS},
        "slot_state": _record(SLOT_STATE),
        "document": _record(HEADER),
        "document_magic": MAGIC,
        "signed_part": _record(SIGNED_PART),
        "signature_bytes": SIGNATURE_BYTES,
        "groups": _groups(),
        "words": {word: str(word_sentence(word)) for word in _declared_words()},
        "statuses": {word: status.en for word in _declared_words() if (status := Status.of(word))},
        "capabilities": [{"bit": int(each), "name": each.name} for each in Capability],
        "card": {int(each): _card(each) for each in CardIns},
        "orders": {int(each): f"slot {each.name.lower().replace('_', ' ')}" for each in SlotOrder},
        "order_summary": SLOT_SUMMARY,
        "parameters": _parameters(),
        "objects": {
            "names": _texts(data_objects.NAMES),
            "in_file": _texts(data_objects.IN_FILE_PARAMETERS),
            "in_control_reference": _texts(data_objects.IN_CONTROL_REFERENCE),
            "file_templates": dict.fromkeys(sorted(data_objects.FILE_TEMPLATES), True),
        },
        "max_fields": MAX_FIELDS,
        "max_depth": MAX_DEPTH,
        "max_tag_bytes": MAX_TAG_BYTES,
        "max_length_bytes": MAX_LENGTH_BYTES,
        "latest_moment": LATEST_MOMENT,
        "log_sv_atr": LOG_SV_ATR,
        "devices": list(DEVICES.values()),
        "vpcd_orders": _VPCD_ORDERS,
        "crc_low": [word & 0xFF for word in map(_remainder, range(256))],
        "crc_high": [word >> 8 for word in map(_remainder, range(256))],
    }


def _remainder(byte: int) -> int:
    """Return the remainder of one byte by the CRC of T=1 blocks (`tla_sim.protocol.t1.block.Edc`)."""
    for _ in range(8):
        byte = byte >> 1 ^ (_REFLECTED if byte & 1 else 0)
    return byte


def _command(command: Command[Any, Any]) -> _Table:
    return {
        "name": command.name,
        "summary": command.summary,
        "request": _record(command.request),
        "answer": _record(command.response),
    }


def _record(record: Record[Any]) -> list[Literal]:
    return [_field(name, wire) for name, wire in record.fields.items()]


def _field(name: str, wire: WireField) -> _Table:
    told: _Table = {"name": name, "text": wire.doc, **_form(wire.form)}
    if wire.enum is not None:
        told["enum"] = _members(wire.enum)
    if wire.holds is not None:
        told["holds"] = wire.holds.name
    return told


def _form(form: Form) -> _Table:
    match form:
        case Number(size=size, little=little):
            return {"form": "number", "size": size, "little": little or None}
        case Flag():
            return {"form": "flag"}
        case Fixed(size=size):
            return {"form": "fixed", "size": size}
        case Blob(length=length, is_text=is_text):
            return {"form": "blob", "lead": length.size, "is_text": is_text or None}
        case Many(count=count, item=Blob() as item):
            return {"form": "many", "lead": count.size, "item": _form(item)}
        case Many(count=count, item=item):
            assert isinstance(item, Record)
            inside: _Table = {"form": "record", "text": first_line(item), "fields": _record(item)}
            return {"form": "many", "lead": count.size, "item": inside}


def _members(enum: type[IntEnum]) -> dict[int, Literal]:
    return {int(value): str(member.name) for value, member in enum._value2member_map_.items()}


def _declared_words() -> Iterable[int]:
    return (word for word in range(0x10000) if Status.of(word) is not None)


def _card(instruction: CardIns) -> _Table:
    reader = parameters.READERS.get(instruction)
    return {
        "name": instruction.title,
        "summary": str(instruction.summary),
        "parameters": None if reader is None else reader.__name__.removeprefix("_"),
        "has_code": instruction.has_code or None,
        "objects_in": instruction in OBJECTS_IN or None,
        "objects_out": instruction in OBJECTS_OUT or None,
        "control_reference": instruction is CardIns.MANAGE_SECURITY_ENVIRONMENT or None,
        "get_data": instruction is CardIns.GET_DATA or None,
    }


def _parameters() -> _Table:
    return {
        "how_selected": _texts(parameters.HOW_SELECTED),
        "wanted": _texts(parameters.WANTED),
        "templates": _texts(parameters.TEMPLATES),
        "actions": _texts(parameters.ACTIONS),
        "operations": _texts(parameters.OPERATIONS),
    }


def _texts(sentences: Mapping[int, str]) -> dict[int, Literal]:
    return {number: str(sentence) for number, sentence in sentences.items()}


def _groups() -> _Table:
    former = {f"{number}/{count}": _group(each) for (number, count), each in FORMER.items()}
    today = {str(number): _group(each) for number, each in DICTIONARY.items()}
    names = {str(each.number): each.name for each in (*FORMER.values(), *DICTIONARY.values())}
    fields = {
        f"{each.number}.{field.name}": field.label
        for each in (*FORMER.values(), *DICTIONARY.values())
        for field in each.fields
    }
    return {"today": today, "former": former, "names": names, "fields": fields}


def _group(declaration: GroupDeclaration) -> _Table:
    return {
        "name": declaration.name,
        "fields": {field.number: _group_field(field) for field in declaration.fields},
    }


def _group_field(field: Field) -> _Table:
    zone = {Kind.BYTE: "byte", Kind.BINARY: "binary"}.get(field.kind)
    return {"name": field.name, "kind": _KINDS.get(field.kind), "zone": zone}
