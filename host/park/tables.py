"""Images of software that bring a reader nothing but new tables. Project-defined."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from tla_sim.host.client import ReaderClient
from tla_sim.protocol.firmware import Image

TABLES: Final = "Tables"
"""The component that holds the tables, in images and in group 61."""


class _Limits(NamedTuple):
    """What `identify` says of a reader's software."""

    major: int
    minor: int
    cdc_major: int
    cdc_minor: int
    capabilities: int
    max_owners: int
    max_invoices: int


class _Program(NamedTuple):
    """A component of the software as group 61 reports it; what tables say of themselves is left out."""

    name: str
    told: tuple[object, ...] = ()


def brings_tables_alone(client: ReaderClient, image: Image) -> bool:
    """Return whether an image differs from what a reader says it runs in nothing but the tables.

    Compared are versions, capabilities and limits, and of each other component name, version, date and
    checksum. A reader does not report the version below which it never goes back, the sizes of components or
    how it asks for signatures: for these the image's signature alone speaks. Raises `StatusError`,
    `LinkError`.
    """
    told, manifest = client.identify(), image.manifest
    runs = _Limits(
        told.major,
        told.minor,
        told.cdc_major,
        told.cdc_minor,
        told.capabilities,
        told.max_owners,
        told.max_invoices,
    )
    meant = _Limits(
        manifest.major,
        manifest.minor,
        manifest.cdc_major,
        manifest.cdc_minor,
        manifest.capabilities,
        manifest.max_owners,
        manifest.max_documents,
    )
    brought = list(_programs(image))
    return runs == meant and brought == list(_running(client)) and _Program(TABLES) in brought


def _programs(image: Image) -> Iterator[_Program]:
    for each in image.manifest.components:
        if each.name == TABLES:
            yield _Program(TABLES)
        else:
            yield _Program(each.name, (each.version, each.day, f"{each.checksum:08X}"))


def _running(client: ReaderClient) -> Iterator[_Program]:
    for each in client.configuration():
        if each.component_name == TABLES:
            yield _Program(TABLES)
        else:
            told = each.component_version, each.component_date, each.component_checksum
            yield _Program(each.component_name, told)
