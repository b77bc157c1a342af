"""Bring the French catalogue up to date: `python -m tla_sim.tools.maintenance.catalogue`. Needs Babel.

Extracts the sentences from the sources into tla.po, keeps existing translations, drops unused ones,
compiles tla.mo, and lists the sentences that still have no translation (exit code 1).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from tla_sim.tools.language.french import MO
from tla_sim.tools.maintenance.sentences import Message, collect_sentences

PO: Final = MO.with_suffix(".po")
_PLACE: Final = re.compile(r"\{[^{}]*\}")
_EPOCH: Final = datetime(2019, 3, 5, tzinfo=UTC)


def catalogue() -> Catalog:
    """Return the catalogue as it is in tla.po."""
    with PO.open("rb") as file:
        return read_po(file, locale="fr", domain="tla")


def update_catalogue(known: Catalog) -> Catalog:
    """Return a catalogue of the sentences in the sources, with the translations already known."""
    fresh = Catalog(
        locale="fr", domain="tla", project="tla-sim", charset="utf-8", fuzzy=False, creation_date=_EPOCH
    )
    fresh.revision_date = _EPOCH
    carried = _Carried(known)
    for message, place in sorted(collect_sentences().items(), key=lambda item: (item[1], str(item[0]))):
        fresh.add(message, carried.french(message), locations=[(place, None)])  # type: ignore[list-item]
    return fresh


def list_untranslated(catalog: Catalog) -> list[str]:
    """Return the sentences without French."""
    return [_singular(each.id) for each in catalog if each.id and not all(_forms(each.string))]


class _Carried:
    """The existing French, also for sentences whose places have been renamed since."""

    def __init__(self, known: Catalog) -> None:
        self._known = known
        self._bare: dict[str, tuple[list[str], str]] = {}
        for message in known:
            for text, said in zip(_forms(message.id), _forms(message.string), strict=False):
                if said:
                    self._bare.setdefault(_PLACE.sub("{}", text), (_PLACE.findall(text), said))

    def french(self, message: Message) -> str | tuple[str, ...]:
        """Return the known French of a sentence, empty where there is none."""
        entry = self._known.get(_singular(message))
        if entry is not None and isinstance(entry.id, str) is isinstance(message, str):
            return entry.string if isinstance(entry.string, str) else _forms(entry.string)
        said = tuple(map(self._carry, _forms(message)))
        return said[0] if isinstance(message, str) else said

    def _carry(self, text: str) -> str:
        before, said = self._bare.get(_PLACE.sub("{}", text), ([], ""))
        return _rename_places(said, before, _PLACE.findall(text))


def _forms(text: str | Sequence[str] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())


def _singular(text: str | Sequence[str]) -> str:
    return _forms(text)[0]


def _rename_places(said: str, before: list[str], places: list[str]) -> str:
    """Return the French with its places renamed to those of another template with as many places."""
    names = [_name(each) for each in before]
    taken = iter(places)

    def place(match: re.Match[str]) -> str:
        name = _name(match[0])
        kind = match[0].strip("{}").partition(":")[2]
        # Bare places go by their order; named and numbered ones by theirs, for French may turn them round.
        now = next(taken) if not name else places[int(name) if name.isdigit() else names.index(name)]
        return f"{{{_name(now)}:{kind}}}" if kind[:1].isupper() and kind[1:].isalpha() else now

    return _PLACE.sub(place, said)


def _name(place: str) -> str:
    return re.split("[:!]", place.strip("{}"))[0]


def main() -> int:
    """Update both files and print the sentences without French. Return the exit code."""
    fresh = update_catalogue(catalogue())
    save(fresh)
    missing = list_untranslated(fresh)
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
