"""However much happens to a reader, what is kept of it stays within bounds."""

from __future__ import annotations

from tests.tools.simulator.control.control_kit import IDENTIFY, new_control
from tla_sim.protocol.lad import Lad
from tla_sim.tools.simulator.control.event_ring import MAX_EVENTS, EventRing
from tla_sim.tools.simulator.control.moments import MAX_MOMENTS
from tla_sim.tools.simulator.control.screens import MAX_SCREENS
from tla_sim.tools.simulator.control.trace_ring import MAX_EXCHANGES

EVENTS = 12_000


def test_exchanges_screens_and_events_are_kept_up_to_a_bound() -> None:
    control = new_control()
    events = EventRing()
    control.subscribe(events.add_event)
    control.cable(plugged=True)
    for _ in range(EVENTS):
        control.transmit(Lad.LOG_SV, IDENTIFY)
    control.cable(plugged=False)
    for _ in range(MAX_SCREENS + MAX_SCREENS // 2):
        control.advance(60_000)
    assert events.last > EVENTS + MAX_SCREENS
    kept = events.after(0)
    assert len(kept.events) == MAX_EVENTS
    assert kept.missed == events.last - MAX_EVENTS
    trace = control.trace()
    assert (len(trace.items), trace.missed) == (MAX_EXCHANGES, EVENTS - MAX_EXCHANGES)
    assert trace.items[-1].number == EVENTS
    assert len(control.timeline()) == MAX_SCREENS
    assert len(control._timeline._screens) <= MAX_SCREENS + MAX_SCREENS // 4
    assert len(control._moments._moments) == MAX_MOMENTS
    # What is left of the timeline can still be gone back to.
    oldest = control.timeline(limit=1)[0]
    assert control.rewind(revision=oldest.revision).lines == oldest.lines
