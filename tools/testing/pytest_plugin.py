"""Fixtures for tests of software that talks to a reader. Installed with tla-sim, found by pytest by itself.

    def test_it(tla_reader):
        assert my_software(tla_reader.transport("serial")).reader_serial.startswith("TLA")

See docs/how-to/practice-software-tests.md. Nothing here is imported before a test asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tla_sim.host.client import ReaderClient
    from tla_sim.host.practice.model import Practice
    from tla_sim.tools.faults.plan import FaultPlan
    from tla_sim.tools.simulator.reader_on_bench import MakeBench, ReaderOnBench
    from tla_sim.tools.simulator.served_reader import ServedReader

    Serve = Callable[..., ServedReader]

_LINKS = ("memory", "serial", "ccid", "vpcd")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    config.addinivalue_line(
        "markers", "tla_faults(plan): the fault plan of the reader, as `tla sim --faults` takes it"
    )


@pytest.fixture
def tla_practice() -> Practice:
    """The shipped practice: practitioners, staff, patients, prepared invoices."""
    from tla_sim.tools.cast import demo_practice

    return demo_practice()


@pytest.fixture
def tla_fault_plan(request: pytest.FixtureRequest) -> FaultPlan:
    """The plan of the marker `tla_faults`, empty without one."""
    from tla_sim.tools.faults.plan import FaultPlan

    marker = request.node.get_closest_marker("tla_faults")
    return FaultPlan.parse(marker.args[0]) if marker is not None else FaultPlan()


@pytest.fixture
def tla_reader(tla_practice: Practice, tla_fault_plan: FaultPlan) -> ReaderOnBench:
    """A reader that is switched on, in virtual time, with the practice's cards at hand."""
    from tla_sim.tools.simulator.reader_on_bench import ReaderOnBench

    return ReaderOnBench(tla_practice, tla_fault_plan)


@pytest.fixture
def tla_make_reader(tla_practice: Practice) -> MakeBench:
    """Make further readers: `tla_make_reader(plan="flash.cut@40", seed=2)`."""
    from tla_sim.tools.faults.plan import FaultPlan
    from tla_sim.tools.simulator.reader_on_bench import ReaderOnBench

    def make(plan: str = "", seed: int = 1) -> ReaderOnBench:
        return ReaderOnBench(tla_practice, FaultPlan.parse(plan), seed)

    return make


@pytest.fixture(params=_LINKS)
def tla_link(request: pytest.FixtureRequest) -> str:
    """Each link in turn: the test runs once for every one."""
    return str(request.param)


@pytest.fixture
def tla_client(tla_reader: ReaderOnBench, tla_link: str) -> ReaderClient:
    """The typed client, once over each link."""
    return tla_reader.client(tla_link)


@pytest.fixture
def tla_serve(tla_reader: ReaderOnBench, tla_fault_plan: FaultPlan, tmp_path: Path) -> Iterator[Serve]:
    """Serve readers in processes of their own, in real time: `tla_serve("tcp:0").urls`."""
    from tla_sim.tools.simulator.served_reader import served

    with ExitStack() as running:
        numbers = count(1)

        def serve(*links: str) -> ServedReader:
            directory = tmp_path / f"served-{next(numbers)}"
            plan = str(tla_fault_plan)
            return running.enter_context(
                served(directory, links, lambda name: tla_reader.card(name).image.build(), plan)
            )

        yield serve
