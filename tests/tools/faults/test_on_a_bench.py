"""Every fault that can happen to a reader happens to the one that the pytest plugin gives."""

from __future__ import annotations

from contextlib import suppress

import pytest

from tla_sim.host.documents import outgoing
from tla_sim.host.practice.invoices import prepared_invoices
from tla_sim.protocol.commands.loading import LoadedBatch, LoadOpening
from tla_sim.protocol.documents.load import batch_digest, load_identifier
from tla_sim.protocol.errors import ConnectionLost, PortUnavailable, TlaError
from tla_sim.tools.cast import demo_practice
from tla_sim.tools.cast.people import MORNING
from tla_sim.tools.faults.kinds import KINDS, Counted, Where
from tla_sim.tools.faults.reader import FaultyReader
from tla_sim.tools.simulator.simulated_reader import SimulatedReader

PRACTICE = demo_practice()
STRIKING = [
    kind.name
    for kind in KINDS.values()
    if kind.where is not Where.HOST and kind.counted is not Counted.NOTHING
]


def load_one(bench: SimulatedReader) -> None:
    """Load an invoice over a serial line."""
    document = outgoing(list(prepared_invoices(PRACTICE))[:1])[0]
    identifier = load_identifier([document.digest])
    contents = (document.content,)
    bench.unplug()
    client = bench.client("serial")
    client.open_load(LoadOpening(document.invoice.owner, identifier, 1, len(document.content)))
    client.load_batch(LoadedBatch(0, document.kind, document.mode, batch_digest(contents), contents))
    client.commit_load(identifier, 1)


def present_cards(bench: SimulatedReader) -> None:
    """Both cards read, and the PS card's code verified."""
    bench.insert_ps(PRACTICE.practitioners[0].last_name)
    bench.insert_vitale(PRACTICE.patients[0].beneficiaries[0].last_name)
    bench.unplug()
    bench.client("serial").verify_code(bench.code)


@pytest.mark.parametrize("name", STRIKING)
def test_it_strikes_and_both_are_done_once_more(name: str) -> None:
    sound = SimulatedReader.in_memory(PRACTICE).reader
    assert isinstance(sound, FaultyReader)
    at = sound.strikes.counts[KINDS[name].counted]
    bench = SimulatedReader.in_memory(PRACTICE, faults=f"{name}@{at + 1}")
    for act in (load_one, present_cards):
        with suppress(TlaError):
            act(bench)
    assert [fault.partition("@")[0] for fault in bench.struck] == [name]
    bench.power_on()
    bench.remove_cards()
    if name == "reader.flat":
        bench.unplug()
        bench.client().set_clock(MORNING)
    for act in (load_one, present_cards):
        act(bench)
    bench.unplug()
    assert bench.client().read_ps_card().tries_left == 3


def test_a_cable_pulled_out_is_out_until_another_is_plugged_in() -> None:
    bench = SimulatedReader.in_memory(PRACTICE, faults="line.unplug@30")
    client = bench.client("serial")
    with pytest.raises((ConnectionLost, PortUnavailable)):
        client.identify()
    assert bench.reader.ports == ()
    assert bench.client("serial").identify()


def test_a_late_block_takes_its_time() -> None:
    bench = SimulatedReader.in_memory(PRACTICE, faults="line.late@6:900")
    sound = SimulatedReader.in_memory(PRACTICE)
    for each in (bench, sound):
        each.client("serial").identify()
    assert 850 < bench.reader.board.clock.now_ms - sound.reader.board.clock.now_ms < 3_000


def test_faults_of_a_host_are_refused() -> None:
    with pytest.raises(ValueError, match=r"host\.kill@3:before happens to a host"):
        SimulatedReader.in_memory(PRACTICE, faults="host.kill@3")
