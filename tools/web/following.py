"""Events of readers as a stream (SSE, WHATWG HTML §9.2): batched, and sampled when they come too fast.

Nothing piles up for who reads slowly: the rings of the readers go on, and `missed` says how many were lost.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Final

from tla_sim.tools.language import Language
from tla_sim.tools.simulator.control.event_ring import Numbered
from tla_sim.tools.simulator.control.events import EventKind
from tla_sim.tools.web.bench import Bench, Shown
from tla_sim.tools.web.event_ids import Cursor, all_id, one_id, parse_all, parse_one
from tla_sim.tools.web.happenings import tell_event
from tla_sim.tools.web.streams import Streams, Waker
from tla_sim.tools.web.telling import tell_reader

BATCH_SECONDS: Final = 0.05
"""The least time between two batches to one client."""
SAMPLE: Final = 50
"""How many screens, and how many exchanges, a batch holds at most; the newest are kept."""
HEARTBEAT_SECONDS: Final = 15.0
_SAMPLED: Final = (EventKind.SCREEN, EventKind.EXCHANGE)


class Follower:
    """One client's view of the events: of one reader, or with `name` `None` of all.

    `since` is the id that the client has come to, or empty for from now on.
    """

    def __init__(
        self, bench: Bench, streams: Streams, name: str | None, since: str, language: Language
    ) -> None:
        self._bench = bench
        self._streams = streams
        self._language = language
        self._name = name
        self._changes = bench.changes
        self._practice = bench.surgery.changes
        self._seqs: dict[str, int] = {}
        self._unknown = False
        self._begin(since)

    async def messages(self, waker: Waker, follow: bool = True) -> AsyncIterator[bytes]:
        """Yield what happens, as SSE messages, until the server or the reader ends."""
        yield b": tla\n\n"
        if self._unknown:
            for shown in self._readers():
                yield self._message("missed", {"count": None}, shown.name)
            if self._name is None:
                yield self._message("readers", await self._tell_readers(), None)
        while True:
            begun = time.monotonic()
            for message in await self._batch():
                yield message
            gone = self._name is not None and self._name not in self._seqs
            if gone or not follow or self._streams.closing:
                return
            if not await self._more(waker):
                yield b": still here\n\n"
            # The first event leaves at once, those right after it together.
            await asyncio.sleep(max(0.0, begun + BATCH_SECONDS - time.monotonic()))

    def _begin(self, since: str) -> None:
        epoch = self._bench.epoch
        now = {shown.name: shown.running.events.last for shown in self._readers()}
        if not since:
            self._seqs = now
        elif self._name is not None:
            seq = parse_one(epoch, since)
            self._unknown = seq is None or seq > now[self._name]
            self._seqs = now if seq is None or self._unknown else {self._name: seq}
        else:
            cursor = parse_all(epoch, since)
            if cursor is None or not self._is_known(cursor, now):
                self._unknown, self._seqs = True, now
            else:
                self._changes = cursor.changes
                self._seqs = {name: cursor.seqs.get(name, 0) for name in now}

    def _is_known(self, cursor: Cursor, now: Mapping[str, int]) -> bool:
        come = all(cursor.seqs.get(name, 0) <= seq for name, seq in now.items())
        return come and cursor.changes <= self._bench.changes

    def _readers(self) -> tuple[Shown, ...]:
        return self._bench.readers if self._name is None else (self._bench.find(self._name),)

    async def _batch(self) -> list[bytes]:
        messages: list[bytes] = []
        if self._name is None and self._changes != self._bench.changes:
            self._changes = self._bench.changes
            known = {shown.name for shown in self._bench.readers}
            self._seqs = {name: seq for name, seq in self._seqs.items() if name in known}
            messages.append(self._message("readers", await self._tell_readers(), None))
        for shown in self._bench.readers:
            if self._name in (None, shown.name):
                messages += await self._of_reader(shown)
        if self._name is None and self._practice != self._bench.surgery.changes:
            self._practice = self._bench.surgery.changes
            messages.append(b"event: practice\ndata: {}\n\n")
        if self._name is not None and all(shown.name != self._name for shown in self._bench.readers):
            messages.append(self._message("gone", {}, self._name))
            del self._seqs[self._name]
        return messages

    async def _of_reader(self, shown: Shown) -> list[bytes]:
        events, missed = shown.running.events.after(self._seqs.setdefault(shown.name, 0))
        messages = []
        if missed:
            self._seqs[shown.name] = events[0].seq - 1 if events else shown.running.events.last
            messages.append(self._message("missed", {"count": missed}, shown.name))
        kept, skipped = _sample(events)
        together: list[Numbered] = []
        for at, numbered in enumerate(kept):
            kind = numbered.event.kind
            together.append(numbered)
            follows = kept[at + 1].event.kind if at + 1 < len(kept) else None
            if kind is EventKind.EXCHANGE and follows is EventKind.EXCHANGE:
                continue
            self._seqs[shown.name] = numbered.seq
            if kind is EventKind.READER:
                data: Mapping[str, Any] = await self._tell_reader(shown)
            else:
                data = tell_event([each.event for each in together], skipped.pop(kind, 0), self._language)
            messages.append(self._message(kind.value, data, shown.name))
            together = []
        return messages

    def _message(self, kind: str, data: Mapping[str, Any], name: str | None) -> bytes:
        told = data if name is None else {**data, "reader": name}
        text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
        return f"id: {self._id()}\nevent: {kind}\ndata: {text}\n\n".encode("utf-8", "backslashreplace")

    def _id(self) -> str:
        if self._name is None:
            return all_id(self._bench.epoch, Cursor(self._changes, self._seqs))
        return one_id(self._bench.epoch, self._seqs[self._name])

    async def _tell_reader(self, shown: Shown) -> dict[str, Any]:
        told = shown.running.call(lambda control: tell_reader(control, shown, self._bench.epoch))
        return (await asyncio.wrap_future(told)).model_dump()

    async def _tell_readers(self) -> dict[str, Any]:
        return {"readers": [await self._tell_reader(shown) for shown in self._bench.readers]}

    async def _more(self, waker: Waker) -> bool:
        """Wait until there is more, and return whether there is."""
        cancels: list[Callable[[], None]] = [
            shown.running.events.when_more(self._seqs.get(shown.name, 0), waker.wake)
            for shown in self._bench.readers
            if self._name in (None, shown.name)
        ]
        cancels.append(self._bench.watch(waker.wake))
        try:
            # The practice works in threads of its own: it may have changed right before it was watched.
            late = self._name is None and self._practice != self._bench.surgery.changes
            return late or self._streams.closing or await waker.wait(HEARTBEAT_SECONDS)
        finally:
            for cancel in cancels:
                cancel()


def _sample(events: tuple[Numbered, ...]) -> tuple[list[Numbered], dict[EventKind, int]]:
    """Return the events to tell, in order, and how many of each kind are left out before them."""
    skipped: dict[EventKind, int] = {}
    left = dict.fromkeys(_SAMPLED, SAMPLE) | {EventKind.READER: 1}
    kept: list[Numbered] = []
    for numbered in reversed(events):
        kind = numbered.event.kind
        room = left.get(kind, 1)
        if room <= 0:
            skipped[kind] = skipped.get(kind, 0) + 1
            continue
        if kind in left:
            left[kind] = room - 1
        kept.append(numbered)
    kept.reverse()
    return kept, skipped
