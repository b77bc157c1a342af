"""Whatever is done with a control, in any order: screens are whole and in order, events come once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.tools.simulator.control.control_kit import CODE, IDENTIFY, VERIFY_AT_KEYPAD, new_control
from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.simulator.control.condition import Condition
from tla_sim.tools.simulator.control.event_ring import EventRing
from tla_sim.tools.simulator.control.events import EventKind
from tla_sim.tools.simulator.control.rules import Rule
from tla_sim.tools.simulator.control.screens import ScreenShown
from tla_sim.tools.simulator.control.trace_ring import TracedExchange
from tla_sim.tools.simulator.control.waits import Waited

CARDS = ("PIQURE2969", "TOUBIB", "MARTIN", "DESMAUX", "vitale-lantier-rose", "NOBODY")
KEYS = ("0", "1234", "VAL", "ANN", "COR", "UP", "DOWN", "MENU")
PLANS = ("ps.pull@1", "ps.mute@0", "vitale.wrong@2", "reader.reset@1", "reader.flat@2", "flash.cut@9:nothing")
TEXTS = ("CODE PORTEUR", "MARTIN", "ATTENTE", "CARTE", "VAL")


class ControlMachine(RuleBasedStateMachine):
    """A reader with everything done to it at random."""

    def __init__(self) -> None:
        super().__init__()
        self.control = new_control()
        self.events = EventRing(100_000)
        self.control.subscribe(self.events.add_event)
        self.shown = [self.control.screen]
        self.exchanges = 0
        self.seen = 0
        self.begun = 0
        self.answers: list[bytes | TlaError] = []
        self.waits = 0
        self.waited: list[Waited] = []

    def try_out(self, act: Callable[[], object]) -> None:
        with suppress(TlaError):
            act()

    @rule(keys=st.lists(st.sampled_from(KEYS), max_size=4))
    def press(self, keys: list[str]) -> None:
        assert self.control.press(*keys) is self.control.screen

    @rule(slot=st.sampled_from(Slot), card=st.sampled_from(CARDS))
    def insert(self, slot: Slot, card: str) -> None:
        self.try_out(lambda: self.control.insert(slot, card))

    @rule(slot=st.sampled_from(Slot))
    def remove(self, slot: Slot) -> None:
        self.control.remove(slot)
        assert self.control.slots[slot] is None

    @rule(on=st.booleans())
    def switch(self, on: bool) -> None:
        assert self.control.power(on) is self.control.screen

    @rule(plugged=st.booleans())
    def plug(self, plugged: bool) -> None:
        self.control.cable(plugged)

    @rule(ms=st.sampled_from((0, 1, 700, 31_000, 60_000)))
    def pass_time(self, ms: int) -> None:
        self.control.advance(ms)

    @rule(lad=st.sampled_from(Lad), port=st.sampled_from(("api", "surgery")))
    def exchange(self, lad: Lad, port: str) -> None:
        self.try_out(lambda: self.control.transmit(lad, IDENTIFY, port))

    @rule(port=st.sampled_from(("api", "surgery")))
    def begin(self, port: str) -> None:
        def act() -> None:
            self.control.begin(Lad.LOG_SV, VERIFY_AT_KEYPAD, self.answers.append, port)
            self.begun += 1

        self.try_out(act)

    @rule(link=st.sampled_from(("memory", "serial", "vpcd")))
    def come_by_a_cable(self, link: str) -> None:
        def act() -> None:
            with self.control.transport(link) as transport:
                transport.transmit(IDENTIFY)

        self.try_out(act)

    @rule(plan=st.sampled_from(PLANS))
    def inject(self, plan: str) -> None:
        self.control.inject(plan)

    @rule(text=st.sampled_from(TEXTS), once=st.booleans(), what=st.sampled_from(("code", "remove", "insert")))
    def add_rule(self, text: str, once: bool, what: str) -> None:
        condition = Condition(text=text)
        match what:
            case "code":
                made = Rule(condition, keys=(CODE, "VAL"), once=once)
            case "remove":
                made = Rule(condition, remove=(Slot.VITALE,), once=once)
            case _:
                made = Rule(condition, insert=((Slot.PS, "TOUBIB"),), once=once)
        self.try_out(lambda: self.control.add_rule(made))

    @precondition(lambda self: self.control.rules)
    @rule(data=st.data())
    def remove_rule(self, data: st.DataObject) -> None:
        self.control.remove_rule(data.draw(st.sampled_from([each.id for each in self.control.rules])))

    @rule(text=st.sampled_from(TEXTS), ms=st.sampled_from((0, 1_000, 100_000)))
    def wait(self, text: str, ms: int) -> None:
        self.control.wait(Condition(no_text=text), ms, self.waited.append)
        self.waits += 1

    @rule(data=st.data())
    def rewind(self, data: st.DataObject) -> None:
        before = self.control.screen.revision
        target = data.draw(st.sampled_from(self.control.timeline()))
        on = self.control.screen
        self.try_out(lambda: self.control.rewind(revision=target.revision))
        if self.control.screen is not on:
            assert self.control.screen.revision > before

    @rule(name=st.sampled_from(("one", "two")), restore=st.booleans())
    def keep(self, name: str, restore: bool) -> None:
        self.try_out((lambda: self.control.restore(name)) if restore else (lambda: self.control.save(name)))

    @invariant()
    def the_screen_is_whole_and_is_the_readers(self) -> None:
        screen = self.control.screen
        assert screen.lines == self.control.reader.display
        assert screen.on == self.control.reader.on
        assert [len(line) for line in screen.lines] == [20] * 4
        if not screen.on:
            assert not screen.text.strip()

    @invariant()
    def revisions_only_grow_and_events_come_once(self) -> None:
        batch = self.events.after(self.seen)
        assert batch.missed == 0
        for seq, event in batch.events:
            assert seq == self.seen + 1
            self.seen = seq
            if event.kind in (EventKind.SCREEN, EventKind.REWOUND):
                assert isinstance(event.payload, ScreenShown)
                assert event.payload.revision > self.shown[-1].revision
                if event.kind is EventKind.SCREEN:
                    before = self.shown[-1]
                    assert (event.payload.lines, event.payload.on) != (before.lines, before.on)
                self.shown.append(event.payload)
            elif event.kind is EventKind.EXCHANGE:
                assert isinstance(event.payload, TracedExchange)
                assert event.payload.number == self.exchanges + 1
                self.exchanges += 1
        assert self.shown[-1] is self.control.screen
        timeline = self.control.timeline()
        assert timeline[-1] is self.control.screen
        revisions = [shown.revision for shown in timeline]
        assert revisions == sorted(set(revisions))
        assert [shown.step for shown in timeline] == sorted(shown.step for shown in timeline)

    @invariant()
    def everybody_who_asked_is_answered_once(self) -> None:
        assert len(self.answers) <= self.begun
        assert len(self.waited) <= self.waits
        if not self.control.waiting:
            assert len(self.answers) == self.begun
            assert len(self.waited) == self.waits

    @invariant()
    def no_code_is_told(self) -> None:
        assert CODE not in repr(self.events.after(max(self.seen - 20, 0)))

    def teardown(self) -> None:
        self.control.close()


ControlMachine.TestCase.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
TestControl = ControlMachine.TestCase
