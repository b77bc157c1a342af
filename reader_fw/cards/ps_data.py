"""The data objects of a PS card: identity of card and holder, languages, activities, billing situations.

Each is one data object template with context-class objects inside, in UTF-8. Published are the labels, the
files D107 and D120 to D12F (CPS Cryptolib), and what open clients read: template EE of an activity with 84
name, 85 identifier and 86 sector of the structure, which comes last and has 4 characters; and CPS_INFO_PS,
which ends with a speciality of 4 characters. The other tags and files are Project-defined, and so is what
stands where a practice file has no such value.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from tla_sim.protocol.card_kind import CardKind
from tla_sim.protocol.groups.ps_card import PracticeMode, PsHolder, PsSituation
from tla_sim.protocol.names import cut_to_bytes
from tla_sim.protocol.tlv import Tlv, build_all
from tla_sim.reader_fw.cards import addresses as at
from tla_sim.reader_fw.cards.image import Access

MOST_ACTIVITIES: Final = 16
FREE_BYTES: Final = 2048
"""The size of CPS_DATA, which anyone may write. Project-defined."""
LANGUAGE: Final = "fr"


class DataObject(NamedTuple):
    """A data object of PS cards: label, file, and the tag of its template."""

    label: str
    fid: int
    template: int


FREE_LABEL: Final = "CPS_DATA"
ID_CARD: Final = DataObject("CPS_ID_CARD", at.PS_ID_CARD, 0xE8)
NAME: Final = DataObject("CPS_NAME_PS", at.PS_NAME, 0xE9)
LANGUAGES: Final = DataObject("CPS_LANG_PS", at.PS_LANGUAGES, 0xEA)
INFORMATION: Final = DataObject("CPS_INFO_PS", at.PS_INFORMATION, 0xEB)
BILLING: Final = DataObject("CPS_SIT_FACT", at.PS_BILLING, 0xED)
ACTIVITIES: Final = tuple(
    DataObject(f"CPS_ACTIVITY_{number + 1:02}_PS", at.PS_FIRST_ACTIVITY + number, 0xEE)
    for number in range(MOST_ACTIVITIES)
)

_KINDS: Final = {CardKind.TEST: b"T", CardKind.REAL: b"R"}
_SECTORS: Final = {PracticeMode.SALARIED: "SA01"}
_USUAL_SECTOR: Final = "SA07"
"""The sectors of hospitals and of private practices."""
_MOST_NAME_BYTES: Final = 80
"""Activities keep below 128 bytes, since clients take their length to be one byte."""
_CABINET: Final = "4"
"""The type of a structure identifier that is made of the professional's number and a rank of 3 digits."""
_RPPS_DIGITS: Final = 11


@dataclass(frozen=True, slots=True)
class DataEntry:
    """One data object: label, file, content, and who may read and write it."""

    label: str
    fid: int
    content: bytes
    read: Access = Access.ALWAYS
    write: Access = Access.NEVER


def ps_data(
    kind: CardKind,
    serial: bytes,
    valid: tuple[date, date],
    holder: PsHolder,
    situations: Sequence[PsSituation],
) -> tuple[DataEntry, ...]:
    """Return the data objects of a card, `valid` from the first to the second day.

    A situation beyond the 16th has no activity of its own; it is among the billing situations.
    """
    first, last = (bytes.fromhex(f"{day:%Y%m%d}") for day in valid)
    speciality = next((each.speciality for each in situations), "")
    identity = (
        Tlv(0x80, holder.card_type.encode()),
        Tlv(0x81, serial),
        Tlv(0x82, first),
        Tlv(0x83, last),
        Tlv(0x84, _KINDS[kind]),
    )
    name = _texts((0x80, holder.civility), (0x81, holder.last_name), (0x82, holder.first_name))
    information = _texts(
        (0x80, holder.national_id_type),
        (0x81, holder.national_id),
        (0x82, holder.last_name),
        (0x83, holder.first_name),
        (0x84, f"{speciality:0>4}"),
    )
    return (
        DataEntry(FREE_LABEL, at.PS_FREE_DATA, bytes(FREE_BYTES), write=Access.ALWAYS),
        _entry(ID_CARD, [identity]),
        _entry(NAME, [name]),
        _entry(LANGUAGES, [_texts((0x80, LANGUAGE))]),
        _entry(INFORMATION, [information]),
        *(
            _entry(activity, [_activity(holder, situation)], Access.CODE)
            for activity, situation in zip(ACTIVITIES, situations, strict=False)
        ),
        _entry(BILLING, [_billing(each) for each in situations], Access.CODE),
    )


def _entry(what: DataObject, contents: Iterable[tuple[Tlv, ...]], read: Access = Access.ALWAYS) -> DataEntry:
    """Return the entry of a data object, with a template for each of its contents."""
    built = build_all(Tlv(what.template, content) for content in contents)
    return DataEntry(what.label, what.fid, built, read)


def _activity(holder: PsHolder, situation: PsSituation) -> tuple[Tlv, ...]:
    rank = situation.logical_number
    name = situation.structure_name or f"CABINET {holder.last_name}"
    return (
        Tlv(0x80, bytes((rank,))),
        *_texts(
            (0x81, cut_to_bytes(situation.practice_mode, 2)),
            (0x82, cut_to_bytes(situation.status, 2)),
            (0x83, cut_to_bytes(situation.structure_id_type, 2)),
            (0x84, cut_to_bytes(name, _MOST_NAME_BYTES)),
            (0x85, cut_to_bytes(situation.structure_id, 20) or _cabinet(holder, rank)),
            (0x86, _sector(situation)),
        ),
    )


def _cabinet(holder: PsHolder, rank: int) -> str:
    return cut_to_bytes(f"{_CABINET}{holder.national_id[-_RPPS_DIGITS:]}{rank:03}", 20)


def _sector(situation: PsSituation) -> str:
    if situation.sector:
        return cut_to_bytes("SA00"[: 4 - len(situation.sector)] + situation.sector, 4)
    return next(
        (sector for mode, sector in _SECTORS.items() if mode == situation.practice_mode), _USUAL_SECTOR
    )


def _billing(each: PsSituation) -> tuple[Tlv, ...]:
    rights = bytes((each.may_sign_invoice | each.may_sign_lot << 1,))
    return (
        Tlv(0x80, bytes((each.logical_number,))),
        *_texts(
            (0x81, each.billing_number),
            (0x82, each.billing_key),
            (0x83, each.convention),
            (0x84, each.speciality),
            (0x85, each.tariff_zone),
            (0x86, each.ik_zone),
            (0x87, each.agreement_1),
            (0x88, each.agreement_2),
            (0x89, each.agreement_3),
            (0x8A, each.replaced_number),
            (0x8B, each.replaced_key),
        ),
        Tlv(0x8C, rights),
    )


def _texts(*values: tuple[int, str]) -> tuple[Tlv, ...]:
    """Return a data object for every value that is not empty."""
    return tuple(Tlv(tag, value.encode()) for tag, value in values if value)
