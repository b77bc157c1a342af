"""Updating the reader's software. The simulated reader has no tables, so that loading some is refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tla_sim.host.park.update import update_reader
from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.failure import CallRefused
from tla_sim.host.ssv.functions import CHARGER_APPLI, CHARGER_DONNEES_TLA
from tla_sim.host.ssv.server.binding import Bound, bind_call
from tla_sim.host.ssv.server.file_parts import join_file
from tla_sim.host.ssv.server.workstation import Workstation
from tla_sim.protocol.firmware import MAGIC, Image


def update_software(work: Workstation, reader: str, zones: Sequence[bytes]) -> None:
    """Make the reader run a signed image, passed in groups 9322 or as its bare bytes, in order.

    An update that a cut ended goes on where it was with the next call. Raises CallRefused and ImageRefused
    with F802 before anything is sent, and as `tla_sim.host.park.update.update_reader`.
    """
    work.check_reader(reader)
    bare = b"".join(zones)
    content = bare if bare.startswith(MAGIC) else join_file(zones)
    update_reader(work.client, Image.parse(content), work.pause)


def load_tables(work: Workstation, reader: str, zones: Sequence[bytes]) -> None:
    """Refuse to load tables, since the simulated reader has none: whatever it needs is in its software.

    Raises CallRefused with F802 for what is no file in groups 9322, with F0FF for any file.
    """
    work.check_reader(reader)
    join_file(zones)
    told = work.client.identify()
    raise CallRefused(
        SsvCode.INCOHERENT,
        "Reader {serial_number} has no tables to load",
        "All that it needs is in its software, which SSV_ChargerAppli updates",
        serial_number=told.serial_number,
    )


BOUND: Final[tuple[Bound, ...]] = (
    bind_call(CHARGER_APPLI, update_software),
    bind_call(CHARGER_DONNEES_TLA, load_tables),
)
"""The functions of this topic."""
