"""Zones that a program may pass as an invoice and that are none."""

from __future__ import annotations

import tla_sim
from tests.ssv_kit import zone
from tla_sim.protocol.groups.zone import ZoneData, decode_zone_data, encode_zone_data

FIRST = tla_sim.prepared_invoices(tla_sim.demo_practice())[0]
GROUPS = decode_zone_data(zone(*FIRST.groups()))


def _with_field(number: int, position: int, value: bytes) -> bytes:
    """The first invoice with another value in a field, counted from 1."""
    changed = []
    for group in GROUPS:
        fields = list(group.fields)
        if group.number == number:
            fields[position - 1] = value
        changed.append(ZoneData(group.number, tuple(fields)))
    return encode_zone_data(changed)


ILL_FORMED_INVOICES = {
    "cut short": zone(*FIRST.groups())[:-1],
    "empty": b"",
    "no zone": b"\xff" * 40,
    "another total": _with_field(9140, 1, b"1"),
    "a part more than the total": _with_field(9140, 3, b"1"),
    "a name of 255 letters": _with_field(1120, 3, b"N" * 255),
    "a number of ten digits": _with_field(1110, 1, b"1234567890"),
    "no number": _with_field(1110, 1, b""),
    "no day of the calendar": _with_field(1110, 3, b"201902310000"),
    "Latin-1": _with_field(9125, 1, b"H\xe9l\xe8ne"),
    "a control character": _with_field(9125, 1, b"PAUL\n"),
    "a field too few": encode_zone_data([ZoneData(1110, GROUPS[0].fields[:-1]), *GROUPS[1:]]),
    "a field too many": encode_zone_data([ZoneData(1110, (*GROUPS[0].fields, b"")), *GROUPS[1:]]),
    "a group twice": encode_zone_data([*GROUPS, GROUPS[-1]]),
    "groups in another order": encode_zone_data([GROUPS[0], *GROUPS[:0:-1]]),
    "an unknown group": encode_zone_data([*GROUPS, ZoneData(9999, ())]),
    "not an invoice's first group": encode_zone_data(GROUPS[1:]),
    **{
        f"without group {group.number}": encode_zone_data([each for each in GROUPS if each is not group])
        for group in GROUPS
        if group.number in (1110, 1120, 1130, 1310, 9120, 9125, 9130, 9140)
    },
}
