"""Fixtures for tests of software that talks to a reader; pytest finds them once tla-sim is installed.

    def test_it(tla_reader):
        assert my_software(tla_reader.transport("serial")).reader_serial.startswith("TLA")

See docs/how-to/practice-software-tests.md. Imports are local, so that tests without a reader load none of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tla_sim.host.client import ReaderClient
    from tla_sim.host.practice.model import Practice
    from tla_sim.tools.faults.plan import FaultPlan
    from tla_sim.tools.simulator.simulated_reader import SimulatedReader
    from tla_sim.tools.testing.golden.plugin import WatchedScreens

    MakeReader = Callable[..., SimulatedReader]

_LINKS = ("memory", "serial", "ccid", "vpcd")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers."""
    from tla_sim.tools.testing.golden.plugin import GoldenScreens
    from tla_sim.tools.testing.states.plugin import install

    config.addinivalue_line(
        "markers", "tla_faults(plan): the fault plan of the reader, as `tla sim --faults` takes it"
    )
    install(config)
    config.pluginmanager.register(GoldenScreens(config), "tla-golden-screens")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options of golden screens and of traces."""
    from tla_sim.tools.testing.golden.plugin import DEFAULT_PAGE, PAGE, RECORD
    from tla_sim.tools.testing.traces import TRACES

    group = parser.getgroup("tla", "the simulated reader of tla-sim")
    group.addoption(RECORD, action="store_true", help="record the screens of tests that use tla_screens")
    group.addoption(
        PAGE,
        metavar="FILE",
        default=DEFAULT_PAGE,
        help=f"where to write the page with the screens that differ (default: {DEFAULT_PAGE})",
    )
    group.addoption(
        TRACES,
        metavar="DIR",
        help="write what the readers of each test exchange to DIR, as pcapng for Wireshark, a file a reader "
        "(default: TLA_TRACE, if it names a folder)",
    )


@pytest.fixture
def tla_practice() -> Practice:
    """The shipped practice: practitioners, staff, patients, prepared invoices."""
    from tla_sim.tools.cast import demo_practice

    return demo_practice()


@pytest.fixture
def tla_fault_plan(request: pytest.FixtureRequest) -> FaultPlan:
    """The fault plan of the marker `tla_faults`, empty without it."""
    from tla_sim.tools.faults.plan import FaultPlan

    marker = request.node.get_closest_marker("tla_faults")
    return FaultPlan.parse(marker.args[0]) if marker is not None else FaultPlan()


@pytest.fixture
def tla_reader(
    request: pytest.FixtureRequest, tla_practice: Practice, tla_fault_plan: FaultPlan
) -> Iterator[SimulatedReader]:
    """A reader in virtual time, switched on, with the practice's cards at hand.

    With the marker `tla_requires`, it is in the state that another test has provided.
    """
    from tla_sim.tools.simulator.simulated_reader import SimulatedReader
    from tla_sim.tools.testing.states.kept_states import STATES
    from tla_sim.tools.testing.states.marks import required_state
    from tla_sim.tools.testing.traces import next_trace

    name = required_state(request.node)
    faults = "" if name else tla_fault_plan
    trace = next_trace(request.node)
    with SimulatedReader.in_memory(tla_practice, faults=faults, trace=trace) as reader:
        if name:
            request.config.stash[STATES].give(name, reader)
            if tla_fault_plan.faults:
                reader.inject(tla_fault_plan)
        yield reader


@pytest.fixture
def tla_screens(tla_reader: SimulatedReader) -> WatchedScreens:
    """Compares all screens that `tla_reader` shows in the test with golden ones; `note(text)` labels them."""
    from tla_sim.tools.testing.golden.plugin import WatchedScreens

    return WatchedScreens(tla_reader)


@pytest.fixture
def tla_make_reader(request: pytest.FixtureRequest, tla_practice: Practice) -> Iterator[MakeReader]:
    """Makes further readers, as `SimulatedReader.in_memory`: `tla_make_reader(faults="flash.cut@40")`."""
    from tla_sim.tools.simulator.simulated_reader import SimulatedReader
    from tla_sim.tools.testing.traces import next_trace

    with ExitStack() as made:

        def make(**options: Any) -> SimulatedReader:
            options.setdefault("trace", next_trace(request.node))
            return made.enter_context(SimulatedReader.in_memory(tla_practice, **options))

        yield make


@pytest.fixture(params=_LINKS)
def tla_link(request: pytest.FixtureRequest) -> str:
    """Each link in turn: the test runs once per link."""
    return str(request.param)


@pytest.fixture
def tla_client(tla_reader: SimulatedReader, tla_link: str) -> ReaderClient:
    """A client of the reader; the test runs once per link."""
    return tla_reader.client(tla_link)


@pytest.fixture
def tla_serve(
    request: pytest.FixtureRequest, tla_practice: Practice, tla_fault_plan: FaultPlan, tmp_path: Path
) -> Iterator[MakeReader]:
    """Serves readers in their own processes, in real time: `tla_serve("tcp:0").urls`."""
    from tla_sim.tools.simulator.simulated_reader import SimulatedReader
    from tla_sim.tools.testing.traces import next_trace

    with ExitStack() as running:
        numbers = count(1)

        def serve(*links: str) -> SimulatedReader:
            directory = tmp_path / f"served-{next(numbers)}"
            return running.enter_context(
                SimulatedReader.served(
                    *links,
                    directory=directory,
                    practice=tla_practice,
                    faults=tla_fault_plan,
                    trace=next_trace(request.node),
                )
            )

        yield serve
