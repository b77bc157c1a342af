"""The practice's side of a round, with a reader that runs in its own loop and a person at its keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tools.web.surgery.bench_kit import (
    NURSE,
    PATIENCE,
    PRACTICE,
    at_once,
    certify,
    do,
    insert_ps,
    plug,
    press,
    running,
    states,
    wait_for_code,
)
from tla_sim.host.desk.load import OneOwnerAtATime
from tla_sim.host.ledger.errors import LedgerUnusable
from tla_sim.host.round.sign import CannotSignFinally
from tla_sim.protocol.errors import IncoherentAnswer, LinkError, StatusError
from tla_sim.tools.cast.people import CODE, WRONG_CODE
from tla_sim.tools.simulator.control.events import EventKind
from tla_sim.tools.simulator.control.running_reader import RunningReader
from tla_sim.tools.web.session_text.text import SessionKind, session_text
from tla_sim.tools.web.surgery.surgery import Surgery, UnknownFile
from tla_sim.tools.web.surgery.work import SurgeryBusy


@pytest.fixture
def reader() -> Iterator[RunningReader]:
    with running() as reader:
        yield reader


@pytest.fixture
def surgery() -> Iterator[Surgery]:
    with Surgery(PRACTICE) as surgery:
        yield surgery


def test_a_whole_round_with_codes_typed_at_the_reader(reader: RunningReader, surgery: Surgery) -> None:
    plug(reader)
    loaded = surgery.load(reader)
    assert [(each.owner, each.loaded) for each in loaded.pushed] == [
        (NURSE, 5),
        ("75112040", 3),
        ("75712040", 2),
    ]
    certify(reader, "MARTIN", "DESMAUX")
    seq = reader.events.last
    pulling = at_once(lambda: surgery.unload(reader))
    assert wait_for_code(reader.events, seq) == "PIQURE2969 MAYA"
    press(reader, CODE, "VAL")
    pulled = pulling.result(PATIENCE)
    assert (pulled.partial, pulled.complete, pulled.waiting) == (5, 4, 1)
    for name, count in (("TOUBIB", 3), ("MASSEUR3107", 2)):
        insert_ps(reader, name)
        signed, holder = surgery.sign(reader, CODE)
        assert (signed.signed, holder.split()[0]) == (count, name)
    sent = surgery.transmit(reader).sent
    assert len(sent) == 9
    assert states(surgery) == {"LOADED": 1, "TRANSMITTED": 9}
    assert surgery.file(sent[0].file.name) == sent[0].file.read_bytes()


def test_progress_reaches_whoever_follows_the_reader(reader: RunningReader, surgery: Surgery) -> None:
    plug(reader)
    surgery.load(reader, [NURSE])
    told = [
        event.payload
        for _, event in reader.events.after(0).events
        if event.kind is EventKind.PROGRESS and isinstance(event.payload, dict)
    ]
    assert {each["reader"] for each in told} == {reader.name}
    assert [told[0]["stage"], told[-1]["stage"]] == ["begun", "done"]
    assert (told[-1]["done"], told[-1]["total"], told[-1]["owner"]) == (5, 5, NURSE)


def test_loading_again_sends_nothing_twice(reader: RunningReader, surgery: Surgery) -> None:
    plug(reader)
    surgery.load(reader)
    assert [(each.loaded, each.already) for each in surgery.load(reader).pushed] == [(0, 5), (0, 3), (0, 2)]


def test_other_owners_invoices_for_the_same_patients_come_along_if_wanted(
    reader: RunningReader, surgery: Surgery
) -> None:
    plug(reader)
    assert [each.owner for each in surgery.load(reader, [NURSE]).pushed] == [NURSE]
    with_others = surgery.load(reader, [NURSE], others=True)
    assert [each.owner for each in with_others.pushed] == [NURSE, "75112040", "75712040"]


def test_an_older_reader_takes_one_owner(surgery: Surgery) -> None:
    with running("1.31") as reader:
        plug(reader)
        with pytest.raises(OneOwnerAtATime):
            surgery.load(reader)
        assert surgery.load(reader, [NURSE], others=True).pushed[0].loaded == 5


def test_a_reader_on_a_visit_is_not_reached(reader: RunningReader, surgery: Surgery) -> None:
    with pytest.raises(LinkError) as refused:
        surgery.load(reader)
    assert refused.value.action
    assert surgery.work.now == ()


def test_a_cable_pulled_while_the_code_is_awaited_ends_the_work_and_the_next_goes_on(
    reader: RunningReader, surgery: Surgery
) -> None:
    plug(reader)
    surgery.load(reader)
    certify(reader, "MARTIN")
    seq = reader.events.last
    pulling = at_once(lambda: surgery.unload(reader))
    wait_for_code(reader.events, seq)
    plug(reader, False)
    with pytest.raises(LinkError):
        pulling.result(PATIENCE)
    plug(reader)
    pulled = surgery.unload(reader, CODE)
    assert pulled.partial + pulled.complete == 5


def test_one_piece_of_work_at_a_time(reader: RunningReader, surgery: Surgery) -> None:
    plug(reader)
    surgery.load(reader)
    insert_ps(reader, "PIQURE2969")
    seq = reader.events.last
    pulling = at_once(lambda: surgery.unload(reader))
    wait_for_code(reader.events, seq)
    with pytest.raises(SurgeryBusy):
        surgery.load(reader)
    press(reader, "ANN")
    with pytest.raises(StatusError):
        pulling.result(PATIENCE)


def test_a_wrong_code_and_a_card_that_may_not_sign_are_refused(
    reader: RunningReader, surgery: Surgery
) -> None:
    plug(reader)
    surgery.load(reader)
    with pytest.raises(StatusError, match="PS card"):
        surgery.unload(reader, CODE)
    insert_ps(reader, "PIQURE2969")
    with pytest.raises(StatusError, match="2 tries left"):
        surgery.unload(reader, WRONG_CODE)
    secretary = PRACTICE.staff[0].last_name
    insert_ps(reader, secretary)
    with pytest.raises(CannotSignFinally):
        surgery.sign(reader, CODE)


def test_the_code_is_forgotten_when_the_work_is_done(reader: RunningReader, surgery: Surgery) -> None:
    plug(reader)
    surgery.load(reader)
    certify(reader, "MARTIN")
    surgery.unload(reader, CODE)
    insert_ps(reader, "TOUBIB")
    seq = reader.events.last
    signing = at_once(lambda: surgery.sign(reader))
    assert wait_for_code(reader.events, seq) == "TOUBIB PAUL", "not signed with a code of before"
    press(reader, CODE, "VAL")
    assert signing.result(PATIENCE)[0].signed


def test_no_code_is_in_what_is_told(reader: RunningReader, surgery: Surgery) -> None:
    plug(reader)
    surgery.load(reader)
    insert_ps(reader, "PIQURE2969")
    surgery.unload(reader, CODE)
    told = [event.payload for _, event in reader.events.after(0).events]
    assert CODE not in repr([each for each in told if isinstance(each, dict)])


def test_what_the_reader_has_is_seen_without_a_card(reader: RunningReader, surgery: Surgery) -> None:
    plug(reader)
    assert surgery.look(reader) == ()
    surgery.load(reader)
    certify(reader, "DESMAUX")
    found = [each.state.name for each in surgery.look(reader)]
    assert (found.count("LOADED"), len(found)) == (6, 10)


def test_a_look_is_no_work_to_be_told(reader: RunningReader, surgery: Surgery) -> None:
    plug(reader)
    surgery.look(reader)
    assert EventKind.PROGRESS not in [event.kind for _, event in reader.events.after(0).events]


def test_a_look_is_in_no_trace_and_no_recorded_session(reader: RunningReader, surgery: Surgery) -> None:
    plug(reader)
    before = reader.call(lambda control: session_text(control, SessionKind.VISIT)).result()
    surgery.look(reader)
    assert reader.call(lambda control: control.trace().items).result() == ()
    assert reader.call(lambda control: session_text(control, SessionKind.VISIT)).result() == before


def test_a_kept_ledger_goes_on_where_it_stopped(reader: RunningReader, tmp_path: Path) -> None:
    ledger = tmp_path / "book.db"
    plug(reader)
    with Surgery(PRACTICE, ledger) as first:
        first.load(reader)
        certify(reader, "MARTIN")
        first.unload(reader, CODE)
        first.transmit()
    with Surgery(PRACTICE, ledger) as second:
        assert states(second)["TRANSMITTED"] > 0
        assert len(list((tmp_path / "book-outbox").glob("*.fse"))) == states(second)["TRANSMITTED"]


def test_a_ledger_that_cannot_be_is_refused_and_nothing_is_made(tmp_path: Path) -> None:
    with pytest.raises(LedgerUnusable):
        Surgery(PRACTICE, tmp_path / "mistyped" / "book.db")
    other = tmp_path / "notes.txt"
    other.write_text("not a ledger")
    with pytest.raises(LedgerUnusable):
        Surgery(PRACTICE, other)
    for folder in (Path(), Path("/"), Path(".."), tmp_path):
        with pytest.raises(LedgerUnusable):
            Surgery(PRACTICE, folder)
    assert list(tmp_path.iterdir()) == [other]


def test_only_files_that_left_are_given(surgery: Surgery) -> None:
    for name in ("../ledger.db", "75629690-190305028-fse.fse", "", "x" * 5000):
        with pytest.raises(UnknownFile):
            surgery.file(name)


def test_a_temporary_ledger_leaves_nothing() -> None:
    with Surgery(PRACTICE) as surgery:
        folder = surgery.outbox.parent
        assert folder.stat().st_mode & 0o077 == 0
        assert states(surgery).keys() == {"PREPARED"}
    assert not folder.exists()


def test_a_reader_that_went_back_behind_its_signatures_is_told_so(
    reader: RunningReader, surgery: Surgery
) -> None:
    plug(reader)
    surgery.load(reader)
    begin = do(reader, lambda control: control.screen)
    certify(reader, "MARTIN")
    insert_ps(reader, "PIQURE2969")
    surgery.unload(reader, CODE)
    do(reader, lambda control: control.rewind(revision=begin.revision))
    plug(reader)
    insert_ps(reader, "TOUBIB")
    before = states(surgery)
    with pytest.raises(IncoherentAnswer) as refused:
        surgery.sign(reader, CODE)
    assert "counter did not grow" in refused.value.message
    assert "set back to an earlier moment" in refused.value.action
    assert states(surgery) == before
