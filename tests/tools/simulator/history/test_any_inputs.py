"""Whatever is done to a reader, going back leads to where it was, and a snapshot to the same elsewhere."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.board.keypad import Key
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.cast.people import CODE, NURSE, WRONG_CODE
from tla_sim.tools.faults.kinds import KINDS, Counted, Where
from tla_sim.tools.faults.plan import FaultPlan
from tla_sim.tools.simulator.history.snapshot import Snapshot
from tla_sim.tools.simulator.history.snapshot_file import build_snapshot, parse_snapshot

from .history_kit import TRAY, World, differences, new_reader, state_of
from .runs import IDENTIFY, keypad_code, push, raw_code, unload

INSIDE = sorted(
    kind.name
    for kind in KINDS.values()
    if kind.where not in (Where.LINE, Where.HOST) and kind.counted is not Counted.NOTHING
)


class AnyInputs(RuleBasedStateMachine):
    """A reader to which anything is done, and what it was at each step."""

    @initialize(seed=st.integers(0, 2**32))
    def begin(self, seed: int) -> None:
        self.world = World(new_reader(seed=seed))
        self.reader = self.world.recorded
        self.states: dict[int, dict[str, Any]] = {}
        self.kept: Snapshot | None = None
        self.kept_state: dict[str, Any] = {}
        self.reader.on_input = self.note
        self.reader.power_on()

    def note(self) -> None:
        entry = self.reader.code_entry
        # A code that is half typed is rubbed out.
        if entry is None or not entry.stars:
            self.states[self.reader.step] = state_of(self.reader)

    @rule(name=st.sampled_from(sorted(TRAY)))
    def put(self, name: str) -> None:
        self.world.put(name)

    @rule(slot=st.sampled_from(Slot))
    def take(self, slot: Slot) -> None:
        self.reader.remove(slot)

    @rule(keys=st.lists(st.sampled_from(Key), max_size=4))
    def press(self, keys: list[Key]) -> None:
        for key in keys:
            self.reader.press(key)

    @rule(code=st.sampled_from((CODE, WRONG_CODE)), at_keypad=st.booleans())
    def code(self, code: str, at_keypad: bool) -> None:
        with suppress(TlaError):
            (keypad_code if at_keypad else raw_code)(code)(self.world)

    @rule(ms=st.sampled_from((0, 1, 199, 30_000, 700_000)))
    def wait(self, ms: int) -> None:
        self.reader.tick(ms)

    @rule(on=st.booleans())
    def power(self, on: bool) -> None:
        with suppress(TlaError):
            (self.reader.power_on if on else self.reader.power_off)()

    @rule(link=st.sampled_from(("memory", "ccid")), count=st.integers(1, 3))
    def load(self, link: str, count: int) -> None:
        push(link, NURSE, count)(self.world)

    @rule()
    def unload(self) -> None:
        unload("memory")(self.world)

    @rule(
        lad=st.sampled_from(Lad),
        command=st.sampled_from((IDENTIFY, "00A4000C023F00", "0020000100", "FE1600")),
    )
    def exchange(self, lad: Lad, command: str) -> None:
        self.world.ask(lad, command)

    @rule()
    def unplug(self) -> None:
        self.reader.unplug()

    @rule(name=st.sampled_from(INSIDE), at=st.integers(0, 30))
    def inject(self, name: str, at: int) -> None:
        self.reader.inject(FaultPlan.parse(f"{name}@{at}"))

    @precondition(lambda self: self.states)
    @rule(data=st.data())
    def rewind(self, data: st.DataObject) -> None:
        step = data.draw(st.sampled_from(sorted(self.states)))
        self.reader.rewind(step)
        assert not differences(self.states[step], state_of(self.reader))
        self.states = {each: state for each, state in self.states.items() if each <= step}

    @rule()
    def keep(self) -> None:
        entry = self.reader.code_entry
        if entry is None or not entry.stars:
            self.kept = self.reader.snapshot("kept")
            self.kept_state = state_of(self.reader)

    @precondition(lambda self: self.kept is not None)
    @rule(elsewhere=st.booleans())
    def restore(self, elsewhere: bool) -> None:
        assert self.kept is not None
        reader = new_reader(seed=9) if elsewhere else self.reader
        reader.restore(parse_snapshot(build_snapshot(self.kept)))
        assert not differences(self.kept_state, state_of(reader))


AnyInputs.TestCase.settings = settings(stateful_step_count=20)
TestAnyInputs = AnyInputs.TestCase
