"""What an answer to a program can carry."""

from __future__ import annotations

import pytest

from tla_sim.host.ssv.failure import CallRefused
from tla_sim.host.ssv.frames import MAX_FRAME_BYTES, build_answer, build_frame
from tla_sim.host.ssv.functions import DECHARGER_FSE_TLA
from tla_sim.host.ssv.server.answers import groups_of, zone_of, zones_of
from tla_sim.protocol.groups.invoice import Patient
from tla_sim.protocol.groups.ssv_calls import MAX_CONTENT, HeldDocument

LARGE = HeldDocument(owner="1", number="2", kind=1, content=bytes(MAX_CONTENT))
MOST = MAX_FRAME_BYTES // (MAX_CONTENT + 100)


def test_as_much_as_a_frame_takes_is_answered() -> None:
    zones = zones_of([LARGE] for _ in range(MOST))
    assert build_frame(build_answer(DECHARGER_FSE_TLA, 0, {"answers": zones}))
    assert len(zones_of([Patient(last_name="A")] for _ in range(4_096))) == 4_096


@pytest.mark.parametrize(("group", "count"), [(LARGE, MOST + 2), (Patient(last_name="A"), 4_097)])
def test_more_than_an_answer_carries_is_f801(group: HeldDocument | Patient, count: int) -> None:
    with pytest.raises(CallRefused) as refused:
        zones_of([group] for _ in range(count))
    assert refused.value.ssv == 0xF801


def test_what_the_reader_says_amiss_is_not_the_programs_input() -> None:
    with pytest.raises(CallRefused) as refused:
        zone_of([Patient(last_name="A\nB")])
    assert refused.value.ssv == 0xF0FF
    with pytest.raises(CallRefused) as refused:
        groups_of(b"\xff\xff\xff")
    assert refused.value.ssv == 0xF0FF
    assert groups_of(b"") == ()
