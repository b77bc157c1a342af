"""Events for watchers in other threads: each once, none out of order, bounded."""

from __future__ import annotations

import threading

from tla_sim.tools.simulator.control.event_ring import EventRing
from tla_sim.tools.simulator.control.events import EventKind


def test_events_are_numbered_and_the_oldest_are_missed() -> None:
    ring = EventRing(most=3)
    assert ring.after(0) == ((), 0)
    for count in range(5):
        assert ring.add(EventKind.PROGRESS, count) == count + 1
    batch = ring.after(0)
    assert [(seq, event.payload) for seq, event in batch.events] == [(3, 2), (4, 3), (5, 4)]
    assert batch.missed == 2
    assert ring.after(4, limit=9).events[0].seq == 5
    assert ring.after(5) == ((), 0)
    assert ring.last == 5


def test_who_waits_is_told_once() -> None:
    ring = EventRing()
    told: list[str] = []
    ring.when_more(0, lambda: told.append("first"))
    cancelled = ring.when_more(0, lambda: told.append("cancelled"))
    cancelled()
    ring.add(EventKind.READER)
    ring.add(EventKind.READER)
    assert told == ["first"]
    ring.when_more(1, lambda: told.append("already"))
    assert told == ["first", "already"]
    ring.when_more(2, lambda: told.append("later"))
    assert told == ["first", "already"]
    ring.add(EventKind.READER)
    assert told == ["first", "already", "later"]
    assert not ring._waiting


def test_a_watcher_in_another_thread_gets_each_event_once_and_in_order() -> None:
    ring = EventRing(most=100_000)
    got: list[int] = []

    def watch() -> None:
        seq = 0
        while seq < 5_000:
            batch = ring.wait_after(seq, 60)
            assert batch.missed == 0
            got.extend(number for number, _ in batch.events)
            seq = got[-1]

    thread = threading.Thread(target=watch)
    thread.start()
    for count in range(5_000):
        ring.add(EventKind.PROGRESS, count)
    thread.join(60)
    assert got == list(range(1, 5_001))


def test_waiting_ends_when_nothing_comes() -> None:
    assert EventRing().wait_after(0, 0.0) == ((), 0)
