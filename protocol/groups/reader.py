"""SSV groups of the configuration: workstation, reader and components.

Source: the public SSV 4.03 headers, numbers and meaning; fields that those do not name are Project-defined.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from tla_sim.protocol.groups.declaration import (
    FormerGroup,
    Group,
    Source,
    day,
    former_group,
    group,
    moment,
    number,
    text,
)


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
    serial_number: str = text("numéro de série", 20, required=True, varies=True)
    operating_system: str = text("système d'exploitation", 40)
    component_count: int = number("nombre de logiciels")
    component_name: str = text("nom du logiciel", 40)
    component_version: str = text("version du logiciel", 20)
    reader_moment: datetime | None = moment("date et heure du lecteur")
    component_checksum: str = text("checksum du logiciel", 64)
    component_date: date | None = day("date du logiciel", source=Source.PROJECT, zoned=False)


@group(62, "composant SSV")
class SsvComponent(Group):
    """The library of the SSV with its tables, once for each file of tables."""

    library_version: str = text("version de la bibliothèque SSV", 20)
    tables_label: str = text("libellé du fichier des tables", 60)
    tables_version: str = text("version du fichier des tables", 20)
    body_tables: int = number("nombre de fichiers de tables d'organismes destinataires")
    regime: str = text("code régime des organismes destinataires", 2)
    version: str = text("numéro de version (RUF)", 20)


@group(63, "composant GALSS")
class GalssComponent(Group):
    """The versions of the GALSS's parts."""

    library_version: str = text("version de la bibliothèque", 20)
    server_version: str = text("version du serveur", 20)
    client_version: str = text("version du client", 20)
    configuration_version: str = text("version de la bibliothèque de configuration", 20)


@group(64, "composant SESAM-Vitale")
class SesamComponent(Group):
    """Any other component of the workstation."""

    identifier: str = text("identifiant du composant", 20)
    label: str = text("libellé du composant", 60)
    version: str = text("version du composant", 20)


@former_group(62, "version d'un composant du poste")
class FormerHostComponent(FormerGroup):
    """One component of the workstation, today in group 64."""

    name: str = text("nom du composant", 40)
    version: str = text("version du composant", 20)

    @classmethod
    def renew(cls, groups: Sequence[Group]) -> tuple[Group, ...]:
        """Return the message with these components in groups 64."""
        return tuple(
            SesamComponent(label=each.name, version=each.version) if isinstance(each, cls) else each
            for each in groups
        )
