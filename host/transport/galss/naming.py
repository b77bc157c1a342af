"""The names of logical devices: NomLAD, and NomAlias1, NomAlias2 and on as NbAlias counts them.

Files that earlier versions of this project took may have Alias1: it is read, and the field's key told.
"""

from __future__ import annotations

from tla_sim.host.transport.galss.checked_values import MAX_COUNT, CheckedValues, numbered_keys
from tla_sim.host.transport.galss.codes import GalssCode
from tla_sim.host.transport.galss.ini import Section, Value
from tla_sim.host.transport.galss.resources import MAX_NAME, Resource


class Naming:
    """Reads the names of all logical devices of a file; no name may be another device's, in any case."""

    def __init__(self, values: CheckedValues) -> None:
        self._values = values
        self._known: dict[str, tuple[Section, int]] = {}

    def resource(self, section: Section) -> Resource:
        """The logical device that a section describes."""
        lad = self._values.number(section, "LAD", 0, 255)
        own = self._values.value(section, "NomLAD")
        told = [] if own is None else [("NomLAD", own)]
        told += self._aliases(section)
        names = [self._checked(section, key, value) for key, value in told]
        return Resource(lad, tuple(name for name in names if name), section.line)

    def _aliases(self, section: Section) -> list[tuple[str, Value]]:
        named, former = numbered_keys(section, "NomAlias"), numbered_keys(section, "Alias")
        count = 0
        if "nbalias" in section.values:
            said = self._values.number(section, "NbAlias", 0, MAX_COUNT)
            if said is None:
                return []
            count = said
        found, missing = [], []
        for place in range(1, count + 1):
            if place in named:
                found.append((f"NomAlias{place}", named[place]))
            elif place in former:
                found.append((f"Alias{place}", former[place]))
                self._tell_key(place, former[place])
            else:
                missing.append(f"NomAlias{place}")
        line = self._values.line(section, "NbAlias")
        if missing:
            said_missing = ", ".join(missing[:3])
            self._values.mistake(
                line,
                f"NbAlias={count} counts {said_missing}, not in [{section.name}]",
                f"Add {missing[0]}=, or correct NbAlias",
                GalssCode.NAME,
            )
        for place, value in named.items():
            if place > count:
                self._values.remark(
                    value.line,
                    f"NomAlias{place} is not counted",
                    f"Write NbAlias={place}, or delete the alias",
                )
        return found

    def _tell_key(self, place: int, value: Value) -> None:
        self._values.remark(
            value.line,
            f"Alias{place} is read as NomAlias{place}, the key that the GALSS knows",
            f"Write NomAlias{place}={value.text[:40]}",
            GalssCode.NAME,
        )

    def _checked(self, section: Section, key: str, value: Value) -> str:
        name = value.text
        known = self._known.get(name.lower())
        if not name:
            action = f"Give a name of at most {MAX_NAME} characters"
            self._values.mistake(value.line, f"{key} is empty", action, GalssCode.NAME)
            return ""
        if len(name) > MAX_NAME:
            said = f"{key}={name[:40]} has more than {MAX_NAME} characters"
            self._values.mistake(value.line, said, "Shorten the name", GalssCode.NAME)
            return ""
        if known is not None:
            said = f"The name {name} stands on line {known[1]} already"
            if known[0] is section:
                self._values.remark(value.line, said, "This does no harm")
            else:
                self._values.mistake(value.line, said, "Give another name", GalssCode.NAME)
            return ""
        self._known[name.lower()] = section, value.line
        return name
