"""What workstation and reader are, and the reader's clock."""

from __future__ import annotations

import re
from importlib.metadata import version
from typing import Final

from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.declaration import Library
from tla_sim.host.ssv.failure import CallRefused
from tla_sim.host.ssv.functions import IDENTIFIER_TLA, LIRE_CONFIG, LIRE_DATE_LECTEUR, MAJ_DATE_LECTEUR
from tla_sim.host.ssv.server.answers import zone_of
from tla_sim.host.ssv.server.binding import Bound, bind_call
from tla_sim.host.ssv.server.moments import moment_digits, moment_of
from tla_sim.host.ssv.server.workstation import Workstation
from tla_sim.protocol.commands.capability import Capability
from tla_sim.protocol.groups.reader import (
    ConfigurationHeader,
    GalssComponent,
    SesamComponent,
    SsvComponent,
)
from tla_sim.protocol.groups.ssv_calls import TlaIdentity
from tla_sim.protocol.version import Version

_DISTRIBUTION: Final = "tla-sim"
_CDC: Final = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})")


def read_configuration(work: Workstation) -> bytes:
    """Return the zone of the configuration: groups 60, 61 for each of the reader's components, 62, 63, and 64
    for each library.

    Every version is this project's, since all of it is delivered as one; group 62 tells of no tables.
    """
    ours = version(_DISTRIBUTION)
    return zone_of(
        [
            ConfigurationHeader(ssv_version=ours, galss_version=ours, pss_version=ours),
            *work.client.configuration(),
            SsvComponent(library_version=ours),
            GalssComponent(
                library_version=ours, server_version=ours, client_version=ours, configuration_version=ours
            ),
            *(
                SesamComponent(identifier=f"lib{each.value}lux", label=each.name, version=ours)
                for each in Library
            ),
        ]
    )


def identify_tla(work: Workstation, reader: str, cdc_version: str) -> bytes:
    """Return the zone with the reader's identity, then group 61 for each of its components.

    A reader follows every version of the CDC up to its own, which is inferred. Raises CallRefused with F802
    for a version of another form than 1.40.
    """
    work.check_reader(reader)
    asked = _cdc_of(cdc_version)
    told = work.client.identify()
    cdc = Version(told.cdc_major, told.cdc_minor)
    identity = TlaIdentity(
        manufacturer=told.manufacturer,
        reader_type=told.reader_type,
        serial_number=told.serial_number,
        operating_system=told.operating_system,
        software_version=str(Version(told.major, told.minor)),
        cdc_version=str(cdc),
        follows_asked=asked <= cdc,
        max_owners=told.max_owners,
        max_invoices=told.max_invoices,
        several_owners=bool(told.capabilities & Capability.MULTI_OWNER),
        two_steps=bool(told.capabilities & Capability.PARTIAL_CERTIFICATION),
    )
    return zone_of([identity, *work.client.configuration()])


def _cdc_of(text: str) -> Version:
    """Return the version of the CDC asked for, 0.00 if none is. Raises CallRefused with F802."""
    if not text:
        return Version(0, 0)
    found = _CDC.fullmatch(text)
    if found is None:
        raise CallRefused(
            SsvCode.INPUT, "{text!r} is not a version of the CDC", "Write it as in 1.40", text=text
        )
    return Version(int(found[1]), int(found[2]))


def set_date(work: Workstation, reader: str, moment: str) -> None:
    """Set the reader's date and time. Raises CallRefused with F802 for anything but 12 or 14 digits."""
    work.check_reader(reader)
    work.client.set_clock(moment_of(moment, 12, 14))


def read_date(work: Workstation, reader: str) -> str:
    """Return the reader's date and time, AAAAMMJJhhmm."""
    work.check_reader(reader)
    return moment_digits(work.client.clock())


BOUND: Final[tuple[Bound, ...]] = (
    bind_call(LIRE_CONFIG, read_configuration),
    bind_call(MAJ_DATE_LECTEUR, set_date),
    bind_call(LIRE_DATE_LECTEUR, read_date),
    bind_call(IDENTIFIER_TLA, identify_tla),
)
"""The functions of this topic."""
