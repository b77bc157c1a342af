"""What a reader reports about itself, read with commands that change nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from tla_sim.host.client import ReaderClient
from tla_sim.protocol.commands.capability import Capability
from tla_sim.protocol.commands.identity import Diagnostics
from tla_sim.protocol.version import Version


@dataclass(frozen=True)
class SoftwareComponent:
    """A component of group 61. `checksum` is in hex, computed by the reader over the installed component."""

    name: str
    version: str
    released: date | None
    checksum: str


@dataclass(frozen=True)
class Reading:
    """The data read from one reader.

    `moment` is its clock (ms since 1970-01-01 00:00 local time), `drift_ms` by how much it is ahead of the
    host's (ms).
    """

    manufacturer: str
    reader_type: str
    serial_number: str
    operating_system: str
    version: Version
    cdc: Version
    capabilities: int
    max_owners: int
    max_invoices: int
    components: tuple[SoftwareComponent, ...]
    moment: int
    drift_ms: int
    health: Diagnostics

    def can(self, capability: Capability) -> bool:
        """Return whether the reader has a capability."""
        return bool(self.capabilities & capability)


def read(client: ReaderClient, host_clock: Callable[[], int]) -> Reading:
    """Read everything that a reader reports about itself, and return it.

    `host_clock` returns the host's local time in the reader's units, ms since 1970-01-01 00:00. Raises
    `StatusError`, `LinkError`.
    """
    identity = client.identify()
    components = client.configuration()
    before = host_clock()
    moment = client.clock()
    host = (before + host_clock()) // 2
    return Reading(
        manufacturer=identity.manufacturer,
        reader_type=identity.reader_type,
        serial_number=identity.serial_number,
        operating_system=identity.operating_system,
        version=Version(identity.major, identity.minor),
        cdc=Version(identity.cdc_major, identity.cdc_minor),
        capabilities=identity.capabilities,
        max_owners=identity.max_owners,
        max_invoices=identity.max_invoices,
        components=tuple(
            SoftwareComponent(
                each.component_name, each.component_version, each.component_date, each.component_checksum
            )
            for each in components
        ),
        moment=moment,
        drift_ms=moment - host,
        health=client.diagnostics(),
    )
