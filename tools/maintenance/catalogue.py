"""Bring the French catalogue up to date: `python -m tla_sim.tools.maintenance.catalogue`. Needs Babel.

Reads the sentences off the sources into tla.po, keeps the translations there are, drops those that nothing
says any more, compiles tla.mo, and lists what still has no translation (exit code 1).
"""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from tla_sim.tools.language.catalogue import MO
from tla_sim.tools.maintenance.sentences import sentences

PO: Final = MO.with_suffix(".po")
_PLACE: Final = re.compile(r"\{[^{}]*\}")
_EPOCH: Final = datetime(2019, 3, 5, tzinfo=UTC)


def catalogue() -> Catalog:
    """The catalogue as it is kept."""
    with PO.open("rb") as file:
        return read_po(file, locale="fr", domain="tla")


def updated(known: Catalog) -> Catalog:
    """The same translations for the sentences that the sources now say, each with its module."""
    fresh = Catalog(
        locale="fr", domain="tla", project="tla-sim", charset="utf-8", fuzzy=False, creation_date=_EPOCH
    )
    fresh.revision_date = _EPOCH
    carried = _carried(known)
    for text, place in sorted(sentences().items(), key=lambda item: (item[1].rpartition(":")[0], item[0])):
        entry = known.get(text)
        said = entry.string if entry is not None and isinstance(entry.string, str) else carried.get(text, "")
        fresh.add(text, said, locations=[(place.rpartition(":")[0], None)])  # type: ignore[list-item]
    return fresh


def _carried(known: Catalog) -> dict[str, str]:
    """The French of sentences whose places have been named, or named otherwise, since."""
    bare: dict[str, tuple[list[str], str]] = {}
    for message in known:
        if isinstance(message.id, str) and isinstance(message.string, str) and message.string:
            bare.setdefault(_PLACE.sub("{}", message.id), (_PLACE.findall(message.id), message.string))
    found = {}
    for text in sentences():
        places = _PLACE.findall(text)
        before, said = bare.get(_PLACE.sub("{}", text), ([], ""))
        if places and said:
            found[text] = _renamed(said, before, places)
    return found


def _renamed(said: str, before: list[str], places: list[str]) -> str:
    """French with the places of another template that has as many, in their order."""
    names = [_name(each) for each in before]
    taken = iter(places)

    def place(match: re.Match[str]) -> str:
        name = _name(match[0])
        kind = match[0].strip("{}").partition(":")[2]
        now = next(taken) if not name else places[int(name) if name.isdigit() else names.index(name)]
        return f"{{{_name(now)}:{kind}}}" if kind[:1].isupper() and kind[1:].isalpha() else now

    return _PLACE.sub(place, said)


def _name(place: str) -> str:
    return re.split("[:!]", place.strip("{}"))[0]


def main() -> int:
    """Update both files."""
    fresh = updated(catalogue())
    save(fresh)
    missing = [str(message.id) for message in fresh if message.id and not message.string]
    for text in missing:
        print(repr(text))
    return 1 if missing else 0


def save(fresh: Catalog) -> None:
    """Write tla.po and tla.mo."""
    with PO.open("wb") as file:
        write_po(file, fresh, width=0, omit_header=False)
    with MO.open("wb") as file:
        write_mo(file, fresh)


if __name__ == "__main__":
    sys.exit(main())
