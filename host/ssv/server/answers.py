"""Zones that the functions return."""

from __future__ import annotations

from collections.abc import Iterable

from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.failure import CallRefused
from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.groups.declaration import Group, decode_typed
from tla_sim.protocol.groups.zone import ZoneError, encode_zone


def zone_of(groups: Iterable[Group]) -> bytes:
    """Return the zone of groups that the reader gave or the practice holds.

    Raises CallRefused with F0FF when a zone cannot hold them: what the program passed is not to blame.
    """
    try:
        return encode_zone(groups)
    except ZoneError as error:
        raise CallRefused(SsvCode.INCOHERENT, error.message, error.action) from None


def groups_of(raw: bytes) -> tuple[Group, ...]:
    """Return the groups that the reader gave on our line, none for no bytes.

    Raises CallRefused with F0FF for ill-formed ones.
    """
    try:
        return decode_typed(raw) if raw else ()
    except CodecError as error:
        raise CallRefused(SsvCode.INCOHERENT, error.message, error.action) from None
