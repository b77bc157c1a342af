"""What one exchange says, as leaves that can be compared: a path and a value each, in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from tla_sim.protocol.wire.located import Fields, LocatedField, Value

_UNCOMPARED: Final = frozenset(("Lc", "Le", "SW"))
"""The data shows its length itself, T=0 knows no Le for some cases, and the status is compared apart."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A field without fields inside: the names that lead to it, what it is, its value.

    One that varies from run to run has no value: only that it is there counts.
    """

    path: tuple[str, ...]
    text: str
    value: Value
    shown: str

    def is_like(self, other: Leaf) -> bool:
        """Return whether both say the same in the same place."""
        return self.path == other.path and self.value == other.value


def find_leaves(fields: Fields, path: tuple[str, ...] = ()) -> Iterator[Leaf]:
    """Yield the leaves of fields, in order. One of several of a name has its place behind it: `9130[2]`."""
    seen: Counter[str] = Counter()
    for field in fields:
        if not path and field.name in _UNCOMPARED:
            continue
        seen[field.name] += 1
        place = seen[field.name]
        name = field.name if place == 1 else f"{field.name}[{place}]"
        if field.fields and not field.varies:
            yield from find_leaves(field.fields, (*path, name))
        else:
            yield _leaf(field, (*path, name))


def _leaf(field: LocatedField, path: tuple[str, ...]) -> Leaf:
    if field.varies:
        return Leaf(path, field.text, None, "")
    return Leaf(path, field.text, field.value, field.shown)


def first_unlike(yours: Sequence[Leaf], reference: Sequence[Leaf]) -> tuple[Leaf | None, Leaf | None] | None:
    """Return the first leaves that differ, `None` where one side lacks it; `None` if all are alike."""
    for ours, theirs in zip(yours, reference, strict=False):
        if ours.is_like(theirs):
            continue
        if ours.path == theirs.path:
            return ours, theirs
        is_extra = any(each.path == theirs.path for each in yours)
        return (ours, None) if is_extra else (None, theirs)
    common = min(len(yours), len(reference))
    if len(yours) > common:
        return yours[common], None
    if len(reference) > common:
        return None, reference[common]
    return None
