"""For every recorded run and every step, what is replayed is what was live, and goes on like it."""

from __future__ import annotations

from contextlib import suppress

import pytest

from tla_sim.protocol.errors import TlaError
from tla_sim.tools.simulator.history.snapshot_file import build_snapshot, parse_snapshot
from tla_sim.tools.simulator.history.travel import Journey, travel

from .history_kit import Recorded, Run, World, differences, new_reader, record, state_of
from .runs import FAULTY, RUNS

ALL = {**RUNS, **FAULTY}


@pytest.mark.parametrize("name", RUNS)
def test_every_step_is_as_it_was(name: str) -> None:
    check_every_step(RUNS[name])


@pytest.mark.share(4)
@pytest.mark.parametrize("name", FAULTY)
def test_every_step_is_as_it_was_with_faults(name: str) -> None:
    check_every_step(FAULTY[name])


def check_every_step(run: Run) -> None:
    """Replay a run up to each of its steps, in one reader that is another, from the bytes of a snapshot."""
    done = record(run)
    other = new_reader(profile=run.profile, seed=77)
    assert len(done.snapshots) > 3
    for step, live in done.snapshots.items():
        snapshot = parse_snapshot(build_snapshot(live))
        assert snapshot == live
        travel(other, Journey(snapshot.cold, snapshot.inputs(), snapshot.tapes, snapshot.shown))
        assert not differences(done.states[step], state_of(other)), step


@pytest.mark.share(4)
@pytest.mark.parametrize("name", ALL)
def test_the_rest_of_a_run_leads_to_the_same_end(name: str) -> None:
    done = record(ALL[name])
    end = state_of(done.world.recorded)
    for number, step in enumerate(done.begins):
        if step in done.begins[:number]:
            # The act before this one was no input: the snapshot of this step is from before that.
            continue
        other = new_reader(profile=done.run.profile, seed=77)
        other.restore(parse_snapshot(build_snapshot(done.snapshots[step])))
        go_on(done, number, World(other))
        assert not differences(end, state_of(other)), number


@pytest.mark.share(4)
@pytest.mark.parametrize("name", ALL)
def test_a_reader_goes_back_step_by_step_and_forward_again(name: str) -> None:
    done = record(ALL[name], snapshots=False)
    world, reader = done.world, done.world.recorded
    end = state_of(reader)
    for step in sorted(done.states, reverse=True):
        reader.rewind(step)
        assert not differences(without_stars(done.states[step]), without_stars(state_of(reader))), step
        assert reader.step - step == bool(stars(done.states[step]))
    reader.rewind(0)
    go_on(done, 0, world)
    assert not differences(end, state_of(reader))


def go_on(done: Recorded, number: int, world: World) -> None:
    """Carry out the acts of a run from one of them on."""
    for act in done.run.acts[number:]:
        with suppress(TlaError):
            act(world)


def stars(state: dict[str, object]) -> str:
    """The stars of a code that was half typed."""
    entry = state["entry"]
    assert entry is None or isinstance(entry, tuple)
    return "" if entry is None else str(entry[0])


def without_stars(state: dict[str, object]) -> dict[str, object]:
    """A state without what rubbing out a code changes."""
    shown = {"entry": None, "visit": None, "screen": None, "ports": None}
    return state | shown if state["entry"] else state
