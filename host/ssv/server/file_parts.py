"""Files in memory zones: groups 9322, since a group holds less than 64 KiB. Project-defined."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count

from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.failure import CallRefused
from tla_sim.protocol.groups.ssv_calls import MAX_CONTENT, FilePart
from tla_sim.protocol.groups.zone import decode_zone


def split_file(content: bytes) -> Iterator[FilePart]:
    """Yield the parts of a file, of at most 60,000 bytes each; one empty part for an empty file."""
    for position, start in zip(count(1), range(0, len(content) or 1, MAX_CONTENT), strict=False):
        yield FilePart(position=position, content=content[start : start + MAX_CONTENT])


def join_file(zones: Sequence[bytes]) -> bytes:
    """Return the file whose parts are in these zones, in any order.

    Raises ZoneError for an ill-formed zone, and CallRefused with F802 for another group, for no part, and
    for one that is missing or comes twice.
    """
    parts: dict[int, bytes] = {}
    told = 0
    for zone in zones:
        for group in decode_zone(zone):
            if not isinstance(group, FilePart):
                raise CallRefused(
                    SsvCode.INPUT,
                    "Group {number} stands where part of a file is expected",
                    "Pass groups 9322",
                    number=group.DECLARATION.number,
                )
            parts[group.position] = group.content
            told += 1
    positions = range(1, told + 1)
    if not told or sorted(parts) != list(positions):
        raise CallRefused(
            SsvCode.INPUT, "A part of the file is missing or comes twice", "Number them from 1 on"
        )
    return b"".join(parts[position] for position in positions)
