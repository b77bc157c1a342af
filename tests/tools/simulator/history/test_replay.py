"""For every recorded run and every step, what is replayed is what was live."""

from __future__ import annotations

import pytest

from tla_sim.tools.simulator.history.travel import Journey, travel

from .history_kit import differences, new_reader, record, state_of
from .runs import FAULTY, RUNS

ALL = {**RUNS, **FAULTY}


@pytest.mark.parametrize("name", ALL)
def test_every_step_is_as_it_was(name: str) -> None:
    done = record(ALL[name])
    other = new_reader(profile=ALL[name].profile, seed=77)
    assert done.world.recorded.step > 3
    for step, snapshot in done.snapshots.items():
        travel(other, Journey(snapshot.cold, snapshot.inputs(), snapshot.tapes, snapshot.shown))
        assert not differences(done.states[step], state_of(other)), (name, step)
