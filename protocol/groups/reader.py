"""SSV groups of the configuration: workstation, reader and components.

Source: the public SSV 4.03 headers, numbers and meaning; fields that those do not name are Project-defined.
"""

from __future__ import annotations

from datetime import date, datetime

from tla_sim.protocol.groups.declaration import Group, Source, day, group, moment, number, text


@group(60, "en-tête de configuration")
class ConfigurationHeader(Group):
    """The versions of the workstation's libraries."""

    ssv_version: str = text("version SSV", 20)
    galss_version: str = text("version GALSS", 20)
    pss_version: str = text("version PSS", 20)


@group(61, "configuration du lecteur")
class ReaderConfiguration(Group):
    """One software component of a reader. Each occurrence repeats the reader's own data."""

    manufacturer: str = text("constructeur", 40, required=True)
    reader_type: str = text("type de lecteur", 40)
    serial_number: str = text("numéro de série", 20, required=True)
    operating_system: str = text("système d'exploitation", 40)
    component_count: int = number("nombre de logiciels")
    component_name: str = text("nom du logiciel", 40)
    component_version: str = text("version du logiciel", 20)
    reader_moment: datetime | None = moment("date et heure du lecteur")
    component_checksum: str = text("checksum du logiciel", 64)
    component_date: date | None = day("date du logiciel", source=Source.PROJECT, zoned=False)


@group(62, "version d'un composant du poste")
class HostComponent(Group):
    """One component of the workstation."""

    name: str = text("nom du composant", 40, source=Source.PROJECT)
    version: str = text("version du composant", 20, source=Source.PROJECT)
