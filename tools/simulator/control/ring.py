"""A ring: the newest items of an endless sequence, each with its number in it, from 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """Consecutive items of a ring.

    `missed` counts those before them that are no longer kept; `next` is the number to ask for next.
    """

    items: tuple[T, ...]
    missed: int
    next: int


class Ring(Generic[T]):
    """The newest `most` items. The numbers go on when items are dropped or the ring is cleared."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._items: dict[int, T] = {}
        self._cleared = 0
        self.last = 0

    @property
    def first(self) -> int:
        """The number of the oldest item that is kept, one above `last` when there is none."""
        return max(self._cleared, self.last - self._most) + 1

    def add(self, item: T) -> int:
        """Append an item and return its number; the oldest is dropped when the ring is full."""
        self.last += 1
        self._items[self.last] = item
        self._items.pop(self.last - self._most, None)
        return self.last

    def after(self, number: int, limit: int | None = None) -> Part[T]:
        """Return the items with a number above `number`, the oldest first, at most `limit`."""
        start = max(number + 1, self.first)
        end = self.last if limit is None else min(self.last, start + limit - 1)
        found = tuple(self._items[at] for at in range(start, end + 1))
        return Part(found, start - number - 1, max(end, number))

    def get(self, number: int) -> T | None:
        """Return the item of a number, `None` when it was dropped or never added."""
        return self._items.get(number)

    def clear(self) -> None:
        """Drop every item."""
        self._items.clear()
        self._cleared = self.last
