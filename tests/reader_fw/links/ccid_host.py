"""A host on a CCID line to the fake reader."""

from __future__ import annotations

from tests.fake_reader import FakeReader
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.links.ccid_link import ALL_LADS
from tla_sim.reader_fw.links.port import Link
from tla_sim.tools.simulator import ccid_host


class CcidHost(ccid_host.CcidHost):
    """One that knows the reader behind the link."""

    def __init__(self, link: Link, reader: FakeReader) -> None:
        super().__init__(link, reader.clock, reader.tick)
        self.reader = reader


def slot_of(lad: Lad) -> int:
    """Where a card or Log_SV stands."""
    return ALL_LADS.index(lad)
