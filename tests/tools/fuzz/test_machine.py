"""The model and the firmware walk together under hypothesis, which shrinks what parts them."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from tla_sim.tools.cast.people import CODE
from tla_sim.tools.fuzz import players
from tla_sim.tools.fuzz.targets.base import Notes
from tla_sim.tools.fuzz.targets.log_sv_world import World
from tla_sim.tools.testing.strategies import apdus


class LogSvMachine(RuleBasedStateMachine):
    """One reader, one rule for each thing that can happen to it."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(Notes())

    @rule(apdu=apdus(words=players.words()), link=st.sampled_from(("a", "a", "a", "b")))
    def command(self, apdu: bytes, link: str) -> None:
        self.world.command(link, apdu)

    @rule(name=st.sampled_from(players.PS_CARDS))
    def insert_ps(self, name: str) -> None:
        self.world.insert("PS", name)

    @rule(name=st.sampled_from(players.VITALES))
    def insert_vitale(self, name: str) -> None:
        self.world.insert("VITALE", name)

    @rule(slot=st.sampled_from(("PS", "VITALE")))
    def remove(self, slot: str) -> None:
        self.world.remove(slot)

    @precondition(lambda self: self.world.model.state.ps is not None)
    @rule(code=st.sampled_from((CODE, CODE, "9999")))
    def present_code(self, code: str) -> None:
        self.world.present_code("a", code)

    @rule(ms=st.sampled_from((1, 30_001, 600_001)))
    def wait(self, ms: int) -> None:
        self.world.tick(ms)

    @rule()
    def power_cycle(self) -> None:
        self.world.power_cycle()

    @rule(how=st.sampled_from(("last", "named", "wrong", "loaded")))
    def acknowledge(self, how: str) -> None:
        self.world.acknowledge("a", how)

    def teardown(self) -> None:
        self.world.close()


TestLogSvMachine = LogSvMachine.TestCase
TestLogSvMachine.settings = settings(
    max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
