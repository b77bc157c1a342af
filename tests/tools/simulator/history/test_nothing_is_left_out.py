"""Everything that can be done to a reader is recorded, and everything recorded is replayed."""

from __future__ import annotations

from tla_sim.reader_fw.reader import Reader, ReaderPort
from tla_sim.tools.faults.reader import FaultyPort, FaultyReader
from tla_sim.tools.simulator.history.input_recorder import InputRecorder
from tla_sim.tools.simulator.history.inputs import Op
from tla_sim.tools.simulator.history.recorded_port import RecordedPort
from tla_sim.tools.simulator.history.replay import _PREPARE

INSIDE = {
    "finish",  # its polls and ticks are recorded
    "holder",
    "refresh",
    "before_request",
    "after_request",
    "add_faults",
    "tear_writes",
    "wrap_card",
}
"""What is called by the reader itself, or changes nothing that outlasts the call."""
INSIDE_A_PORT = {"settle", "tick", "lose", "lose_ps_card", "insertion", "detach"}
"""`detach` goes by the reader's, which is recorded."""


def methods(*kinds: type) -> set[str]:
    """The public methods of some classes."""
    return {
        name
        for kind in kinds
        for name, value in vars(kind).items()
        if callable(value) and not name.startswith("_")
    }


def test_every_operation_is_done_again() -> None:
    assert set(_PREPARE) == set(Op)


def test_every_method_of_a_reader_is_recorded_or_known_to_happen_inside() -> None:
    assert methods(Reader, FaultyReader) - INSIDE <= methods(InputRecorder)


def test_every_method_of_a_cable_is_recorded_or_known_to_happen_inside() -> None:
    assert methods(ReaderPort, FaultyPort) - INSIDE_A_PORT <= methods(RecordedPort)
