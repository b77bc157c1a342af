"""Updating the reader's software, and its tables, which are the component `Tables` of an image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tla_sim.host.park.tables import brings_tables_alone
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
    update_reader(work.client, _image_in(zones), work.pause)


def load_tables(work: Workstation, reader: str, zones: Sequence[bytes]) -> None:
    """Install the tables of a signed image whose software is the one that the reader runs. Project-defined.

    The image is passed, installed and resumed as by `update_software`; its software goes with it, so that
    the reader switches to both at once or to nothing. A reader that runs the image already is left alone.
    Raises as `update_software`, and CallRefused with F0FF before anything is sent when the software differs.
    """
    work.check_reader(reader)
    image = _image_in(zones)
    if not brings_tables_alone(work.client, image):
        raise CallRefused(
            SsvCode.INCOHERENT,
            "This image brings other software than the reader runs, version {version}",
            "Install it with SSV_ChargerAppli, or pass tables for the reader's own software",
            version=image.manifest.version,
        )
    update_reader(work.client, image, work.pause)


def _image_in(zones: Sequence[bytes]) -> Image:
    """Return the image in these zones. Raises CallRefused and ImageRefused with F802."""
    bare = b"".join(zones)
    return Image.parse(bare if bare.startswith(MAGIC) else join_file(zones))


BOUND: Final[tuple[Bound, ...]] = (
    bind_call(CHARGER_APPLI, update_software),
    bind_call(CHARGER_DONNEES_TLA, load_tables),
)
"""The functions of this topic."""
