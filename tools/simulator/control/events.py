"""What happens to a reader, as events for those who watch it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class EventKind(StrEnum):
    """What an event is about, and its payload.

    SCREEN: the `ScreenShown`. EXCHANGE: the `TracedExchange`. READER: `None`; switch, cable, clock, battery,
    slots, tray, links or rules changed. FAULT: the `Fault` that struck. RULE: the `Matched`. REWOUND: the
    `ScreenShown` after going back in time; everything may be different. SNAPSHOT: the name of one that was
    made, replaced or forgotten. PROGRESS: a mapping from whoever works with the reader. GONE: `None`; the
    reader was closed.
    """

    SCREEN = "screen"
    EXCHANGE = "exchange"
    READER = "reader"
    FAULT = "fault"
    RULE = "rule"
    REWOUND = "rewound"
    SNAPSHOT = "snapshot"
    PROGRESS = "progress"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a reader, with its payload."""

    kind: EventKind
    payload: object = None


Watcher = Callable[[Event], object]
