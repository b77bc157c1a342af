"""The names of logical devices: NomLAD, and NomAlias1, NomAlias2 and so on up to NbAlias.

Files made for earlier versions of this project may have Alias1: it is read, and the field's key is suggested.
"""

from __future__ import annotations

from tla_sim.host.transport.galss.checked_values import MAX_COUNT, CheckedValues, numbered_keys
from tla_sim.host.transport.galss.codes import GalssCode
from tla_sim.host.transport.galss.ini import Section, Value
from tla_sim.host.transport.galss.resources import MAX_NAME, Resource
from tla_sim.protocol.sentence import Sentence


class Naming:
    """A reader of the names of all logical devices in a file.

    No two devices may share a name, ignoring case.
    """

    def __init__(self, values: CheckedValues) -> None:
        self._values = values
        self._known: dict[str, tuple[Section, int]] = {}

    def resource(self, section: Section) -> Resource:
        """Return the logical device that a section describes."""
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
                Sentence(
                    "NbAlias={count} counts {said_missing}, not in [{section}]",
                    count=count,
                    said_missing=said_missing,
                    section=section.name,
                ),
                Sentence("Add {missing}=, or correct NbAlias", missing=missing[0]),
                GalssCode.NAME,
            )
        for place, value in named.items():
            if place > count:
                self._values.remark(
                    value.line,
                    Sentence("NomAlias{place} is not counted", place=place),
                    Sentence("Write NbAlias={place}, or delete the alias", place=place),
                )
        return found

    def _tell_key(self, place: int, value: Value) -> None:
        self._values.remark(
            value.line,
            Sentence("Alias{place} is read as NomAlias{place}, the key that the GALSS knows", place=place),
            Sentence("Write NomAlias{place}={value}", place=place, value=value.text[:40]),
            GalssCode.NAME,
        )

    def _checked(self, section: Section, key: str, value: Value) -> str:
        name = value.text
        known = self._known.get(name.lower())
        if not name:
            action = Sentence("Give a name of at most {max_name} characters", max_name=MAX_NAME)
            self._values.mistake(value.line, Sentence("{key} is empty", key=key), action, GalssCode.NAME)
            return ""
        if len(name) > MAX_NAME:
            said = Sentence(
                "{key}={name} has more than {max_name} characters", key=key, name=name[:40], max_name=MAX_NAME
            )
            self._values.mistake(value.line, said, Sentence("Shorten the name"), GalssCode.NAME)
            return ""
        if known is not None:
            said = Sentence("The name {name} is already on line {known}", name=name, known=known[1])
            if known[0] is section:
                self._values.remark(value.line, said, Sentence("This does no harm"))
            else:
                self._values.mistake(value.line, said, Sentence("Give another name"), GalssCode.NAME)
            return ""
        self._known[name.lower()] = section, value.line
        return name
