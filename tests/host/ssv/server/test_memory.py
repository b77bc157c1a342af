"""The memory of frames on the way in."""

from __future__ import annotations

from tla_sim.host.ssv.server.memory import FrameMemory


def test_no_more_is_taken_than_there_is() -> None:
    memory = FrameMemory(100)
    assert memory.take(60)
    assert not memory.take(41)
    assert memory.take(40)
    memory.give_back(60)
    assert not memory.take(61)
    assert memory.take(60)
