"""Work under way: one piece a reader at a time, told from begin to end."""

from __future__ import annotations

import threading

import pytest

from tla_sim.host.progress import Progress
from tla_sim.protocol.errors import NoAnswer
from tla_sim.tools.web.surgery.work import Action, Stage, SurgeryBusy, WorkList, WorkNow


def nobody(now: WorkNow) -> None:
    """Tell nobody."""


def test_whoever_follows_is_told_how_far_it_is() -> None:
    told: list[WorkNow] = []
    works = WorkList()
    with works.begin("a", Action.UNLOAD, told.append) as work:
        work.holder = "PIQURE2969 MAYA"
        work.wait_for_code()
        assert works.now[0].holder == "PIQURE2969 MAYA"
        work.go_on(Progress("pull", 2, 5, 200, 500))
    assert [each.stage for each in told] == [Stage.BEGUN, Stage.CODE, Stage.UNDER_WAY, Stage.DONE]
    assert (told[-1].done, told[-1].total, told[-1].holder) == (2, 5, "")
    assert works.now == ()


def test_a_failure_is_told_by_its_code() -> None:
    told: list[WorkNow] = []
    with pytest.raises(NoAnswer), WorkList().begin("a", Action.SIGN, told.append):
        raise NoAnswer("Nothing came")
    assert (told[-1].stage, told[-1].code) == (Stage.FAILED, "no-answer")


def test_one_piece_of_work_a_reader() -> None:
    works = WorkList()
    with works.begin("a", Action.LOAD, nobody), works.begin("b", Action.LOAD, nobody):
        with pytest.raises(SurgeryBusy) as refused, works.begin("a", Action.UNLOAD, nobody):
            pass
        assert refused.value.message == "The practice is at work with a already"
        assert [each.reader for each in works.now] == ["a", "b"], "what goes on goes on"
    with works.begin("a", Action.UNLOAD, nobody):
        pass


def test_work_waits_for_a_look_to_end() -> None:
    works = WorkList()
    begun = threading.Event()
    order: list[str] = []

    def load() -> None:
        begun.set()
        with works.begin("a", Action.LOAD, nobody):
            order.append("load")

    with works.begin("a", Action.LOOK, nobody):
        loading = threading.Thread(target=load)
        loading.start()
        assert begun.wait(10)
        order.append("look")
    loading.join(10)
    assert order == ["look", "load"]
