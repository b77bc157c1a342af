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


def find_unlike(
    yours: Sequence[Leaf], reference: Sequence[Leaf]
) -> Iterator[tuple[Leaf | None, Leaf | None]]:
    """Yield the leaves that differ, in order, those that one side lacks with `None` there.

    Two with different paths, which both sides have in another order, are the last.
    """
    mine, others = {each.path for each in yours}, {each.path for each in reference}
    here, there = iter(yours), iter(reference)
    ours, theirs = next(here, None), next(there, None)
    while ours is not None or theirs is not None:
        if ours is not None and ours.path not in others:
            yield ours, None
            ours = next(here, None)
        elif theirs is not None and theirs.path not in mine:
            yield None, theirs
            theirs = next(there, None)
        else:
            if ours is not None and theirs is not None and not ours.is_like(theirs):
                yield ours, theirs
                if ours.path != theirs.path:
                    return
            ours, theirs = next(here, None), next(there, None)
