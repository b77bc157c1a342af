"""Zones that the functions return."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.failure import CallRefused
from tla_sim.host.ssv.frames import MAX_FRAME_BYTES, MAX_ZONES
from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.groups.declaration import Group, decode_typed
from tla_sim.protocol.groups.zone import ZoneError, encode_zone

_LENGTH_BYTES: Final = 4
_HEAD_BYTES: Final = 16


def zone_of(groups: Iterable[Group]) -> bytes:
    """Return the zone of groups that the reader gave or the practice holds.

    Raises CallRefused with F0FF when a zone cannot hold them: what the program passed is not to blame.
    """
    try:
        return encode_zone(groups)
    except ZoneError as error:
        raise CallRefused(SsvCode.INCOHERENT, error.message, error.action) from None


def zones_of(zones: Iterable[Iterable[Group]]) -> list[bytes]:
    """Return the zones of several answers.

    Raises CallRefused as `zone_of`, and with F801 for more than an answer carries: 4,096 zones or some
    32 MiB.
    """
    found = [zone_of(each) for each in zones]
    size = sum(len(each) + _LENGTH_BYTES for each in found)
    if len(found) > MAX_ZONES or size > MAX_FRAME_BYTES - _HEAD_BYTES:
        raise CallRefused(
            SsvCode.ALLOCATION,
            "{count} documents are more than one answer carries",
            "Make lots of what is complete, or ask for invoices by their numbers",
            count=len(found),
        )
    return found


def groups_of(raw: bytes) -> tuple[Group, ...]:
    """Return the groups that the reader gave on our line, none for no bytes.

    Raises CallRefused with F0FF for ill-formed ones.
    """
    try:
        return decode_typed(raw) if raw else ()
    except CodecError as error:
        raise CallRefused(SsvCode.INCOHERENT, error.message, error.action) from None
