"""The invoice store as its callers see it: what is accepted, what is refused, what a power cycle keeps."""

from __future__ import annotations

import pytest

from tests.reader_fw.app.store.storage_bench import (
    Bench,
    content,
    digest,
    key,
    load,
    load_id,
    shown,
    signed,
    staged,
)
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.documents.document import Document
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.documents.kinds import DocumentKind
from tla_sim.reader_fw.app.store.errors import (
    DocumentConflict,
    LoadIncomplete,
    StoreFull,
    TooManyOwners,
    UnknownDocument,
    UnusableName,
    WrongDigest,
    WrongState,
)
from tla_sim.reader_fw.app.store.invoice_store import CertifiedDocument, Limits
from tla_sim.reader_fw.board.block_device import BLOCK_SIZE
from tla_sim.reader_fw.board.flash import NorFlash, blank_image
from tla_sim.reader_fw.failure import FirmwareFailure

LOADED, PARTIAL = InvoiceState.LOADED, InvoiceState.PARTIAL


def test_a_load_is_out_of_sight_until_committed_and_survives_a_power_cycle_in_between() -> None:
    bench = Bench.new()
    ours = load_id("ours")
    assert bench.store.stage("1", ours, staged("1", "a", "b")) == 2
    assert bench.store.entries() == ()
    store = bench.power_cycle()
    assert store.open_load("1", ours, 3, 3_000) == (0, 1)
    assert store.stage("1", ours, staged("1", "c", first=2)) == 3
    assert store.commit("1", ours, 3) == 3
    for each in bench.looks():
        assert shown(each) == {key("1", n): (LOADED, content(f"1{n}")) for n in "abc"}


def test_what_is_sent_again_is_stored_once() -> None:
    bench = Bench.new()
    ours = load_id("ours")
    for _ in range(3):
        assert bench.store.stage("1", ours, staged("1", "a", "b")) == 2
    for _ in range(2):
        assert bench.store.commit("1", ours, 2) == 2
        assert bench.store.stage("1", ours, staged("1", "a", "b")) == 2
        assert bench.store.open_load("1", ours, 2, 1_800) == (0, 1)
        assert len(bench.store.entries()) == 2
        bench.power_cycle()


def test_a_load_commits_only_when_all_of_it_is_there() -> None:
    store = Bench.new().store
    ours = load_id("ours")
    with pytest.raises(LoadIncomplete):
        store.commit("1", ours, 0)
    store.stage("1", ours, staged("1", "a", "b"))
    store.stage("1", ours, staged("1", "d", first=3))
    for count in (2, 3, 4, 5):
        with pytest.raises(LoadIncomplete) as refused:
            store.commit("1", ours, count)
        assert refused.value.staged == 3
    with pytest.raises(LoadIncomplete):
        store.commit("1", load_id("another"), 3)
    assert store.entries() == ()


def test_another_load_of_the_same_owner_drops_the_unfinished_one_and_no_other_owners() -> None:
    bench = Bench.new()
    store = bench.store
    store.stage("1", load_id("first"), staged("1", "a", "b"))
    store.stage("2", load_id("theirs"), staged("2", "x"))
    store.stage("1", load_id("second"), staged("1", "c"))
    for each in bench.looks():
        assert each.open_load("1", load_id("first"), 2, 1_800) == ()
        assert each.open_load("1", load_id("second"), 1, 900) == (0,)
        assert each.open_load("2", load_id("theirs"), 1, 900) == (0,)
    bench.store.erase("1")
    bench.store.erase("1")
    assert bench.power_cycle().open_load("1", load_id("second"), 1, 900) == ()
    assert bench.store.owners() == ("2",)


def test_a_document_on_board_already_stays_as_it_is_when_another_load_brings_it_again() -> None:
    bench = Bench.new()
    a, _ = load(bench.store, "1", "a", "b")
    bench.store.certify([signed(a)])
    load(bench.store, "1", "a", "c")
    for each in bench.looks():
        assert each.state_of(a) is PARTIAL
        assert [entry.key.number for entry in each.entries()] == ["a", "b", "c"]


def test_another_content_under_a_known_number_or_position_is_refused() -> None:
    store = Bench.new().store
    (a,) = load(store, "1", "a")
    ours = load_id("ours")
    changed = staged("1", "a")[0]._replace(document=Document(b"other"))
    with pytest.raises(DocumentConflict, match="Invoice a"):
        store.stage("1", ours, [changed])
    store.certify([signed(a)])
    with pytest.raises(DocumentConflict):
        store.stage("1", ours, [changed])
    store.stage("1", ours, staged("1", "b", "c"))
    with pytest.raises(DocumentConflict):
        store.stage("1", ours, [staged("1", "b")[0]._replace(document=Document(b"other"))])
    with pytest.raises(DocumentConflict):
        store.stage("1", ours, staged("1", "b", first=2))
    with pytest.raises(DocumentConflict):
        store.stage("1", ours, staged("1", "d", "d", first=2))
    assert store.open_load("1", ours, 2, 0) == (0, 1)
    dre = key("1", "b", DocumentKind.DRE)
    store.stage("1", ours, [staged("1", "b", first=2)[0]._replace(key=dre)])
    assert store.commit("1", ours, 3) == 3
    assert [entry.key for entry in store.entries()] == [
        key("1", "a"),
        key("1", "b"),
        dre,
        key("1", "c"),
    ]


def test_certifying_replaces_content_and_state_of_all_or_none_and_never_twice() -> None:
    bench = Bench.new()
    a, b, c = load(bench.store, "1", "a", "b", "c")
    bench.store.certify([signed(a), signed(b, InvoiceState.COMPLETE)])
    before = shown(bench.store)
    assert before[a] == (PARTIAL, signed(a).document.content)
    assert before[b] == (InvoiceState.COMPLETE, signed(b).document.content)
    assert bench.store.entry(a) is not None
    assert bench.store.entry(a).origin == digest(content("1a"))  # type: ignore[union-attr]
    with pytest.raises(WrongState, match=r"Invoice a \(FSE\) of owner 1"):
        bench.store.certify([signed(c), signed(a)])
    with pytest.raises(DocumentConflict):
        bench.store.certify([signed(c), signed(c)])
    with pytest.raises(ValueError, match="not LOADED"):
        bench.store.certify([signed(c, LOADED)])
    bench.store.certify([])
    assert shown(bench.power_cycle()) == before


def test_a_document_certified_at_the_desk_was_never_loaded() -> None:
    bench = Bench.new()
    desk = CertifiedDocument(key("9", "desk"), PARTIAL, Document(b"signed"), Document(b"unsigned"))
    bench.store.certify([desk])
    store = bench.power_cycle()
    assert shown(store) == {desk.key: (PARTIAL, b"signed")}
    with pytest.raises(DocumentConflict):
        load(store, "9", "desk")
    assert store.acknowledge([(desk.key, digest(b"signed"))]) == 1


def test_only_a_loaded_document_can_be_cancelled() -> None:
    bench = Bench.new()
    a, b = load(bench.store, "1", "a", "b")
    bench.store.certify([signed(b)])
    bench.store.cancel(a)
    bench.store.cancel(a)
    with pytest.raises(WrongState):
        bench.store.cancel(b)
    with pytest.raises(UnknownDocument):
        bench.store.cancel(key("1", "zzz"))
    with pytest.raises(WrongState):
        bench.store.certify([signed(a)])
    store = bench.power_cycle()
    assert shown(store)[a] == (InvoiceState.CANCELLED, content("1a"))
    assert store.acknowledge([(a, digest(content("1a")))]) == 1


def test_documents_leave_only_with_the_digest_of_what_is_held_and_only_once() -> None:
    bench = Bench.new()
    a, b, c = load(bench.store, "1", "a", "b", "c")
    bench.store.certify([signed(a), signed(b)])
    good = [(each, signed(each).document.digest) for each in (a, b)]
    with pytest.raises(WrongDigest):
        bench.store.acknowledge([good[0], (b, digest(content("1b")))])
    with pytest.raises(WrongState):
        bench.store.acknowledge([good[0], (c, digest(content("1c")))])
    assert len(bench.store.entries()) == 3
    assert bench.store.acknowledge([*good, good[0]]) == 2
    assert bench.store.acknowledge(good) == 0
    with pytest.raises(UnknownDocument):
        bench.store.content(a)
    store = bench.power_cycle()
    assert [entry.key for entry in store.entries()] == [c]
    assert store.acknowledge(good) == 0


def test_the_same_load_can_come_again_once_everything_of_it_has_left() -> None:
    bench = Bench.new()
    for _ in range(3):
        (a,) = load(bench.store, "1", "a")
        bench.store.certify([signed(a)])
        bench.power_cycle()
        assert bench.store.acknowledge([(a, signed(a).document.digest)]) == 1
        assert bench.store.owners() == ()


def test_the_list_is_in_order_of_owner_number_and_kind() -> None:
    store = Bench.new().store
    load(store, "2", "9", "10", "1")
    load(store, "10", "5")
    load(store, "2", "7")
    assert [entry.key[:2] for entry in store.entries()] == [
        ("10", "5"),
        ("2", "1"),
        ("2", "10"),
        ("2", "7"),
        ("2", "9"),
    ]
    assert [entry.key.number for entry in store.entries("10")] == ["5"]
    assert store.entries("3") == ()
    assert store.owners() == ("10", "2")
    assert store.entries()[0].size == 900


def test_erasing_an_owner_leaves_the_others() -> None:
    bench = Bench.new()
    load(bench.store, "1", "a", "b")
    load(bench.store, "2", "x")
    bench.store.stage("1", load_id("more"), staged("1", "c"))
    assert bench.store.erase("1") == 2
    assert bench.store.erase("1") == 0
    for each in bench.looks():
        assert shown(each) == {key("2", "x"): (LOADED, content("2x"))}
        assert each.open_load("1", load_id("more"), 1, 900) == ()
    assert bench.store.erase("2") == 1
    assert bench.power_cycle().entries() == ()


def test_too_many_owners_are_refused_before_anything_changes() -> None:
    bench = Bench.new()
    for owner in ("1", "2"):
        load(bench.store, owner, "a")
    bench.store.stage("3", load_id("third"), staged("3", "a"))
    with pytest.raises(TooManyOwners) as refused:
        bench.store.open_load("4", load_id("fourth"), 1, 900)
    assert refused.value.status is Status.TOO_MANY_OWNERS
    with pytest.raises(TooManyOwners):
        bench.store.stage("4", load_id("fourth"), staged("4", "a"))
    with pytest.raises(TooManyOwners):
        bench.store.certify([signed(key("4", "desk"))])
    load(bench.store, "1", "b")
    bench.store.erase("2")
    load(bench.store, "4", "a")
    assert bench.store.owners() == ("1", "3", "4")


def test_too_many_documents_are_refused_before_anything_changes() -> None:
    bench = Bench.new(limits=Limits(owners=3, documents=5, signature_bytes=100))
    load(bench.store, "1", "a", "b", "c")
    with pytest.raises(StoreFull):
        bench.store.open_load("2", load_id("x"), 3, 30)
    bench.store.stage("2", load_id("x"), staged("2", "a", "b", size=10))
    assert bench.store.capacity().free_documents == 0
    with pytest.raises(StoreFull, match="5 of 5 documents"):
        bench.store.stage("2", load_id("x"), staged("2", "c", first=2, size=10))
    bench.store.stage("2", load_id("another"), staged("2", "c", "d", size=10))
    assert bench.store.commit("2", load_id("another"), 2) == 2


def fill(bench: Bench, size: int = 900) -> list[str]:
    """Load documents one by one until the store refuses; the numbers that went in."""
    numbers: list[str] = []
    while True:
        number = f"{len(numbers):04}"
        try:
            load(bench.store, "1", number, size=size)
        except StoreFull:
            return numbers
        numbers.append(number)


def test_a_store_full_of_loaded_documents_still_certifies_and_releases_every_one() -> None:
    limits = Limits(owners=3, documents=5_000, signature_bytes=2_000)
    for batch in (1, 5):
        bench = Bench.new(limits=limits)
        numbers = fill(bench)
        assert len(numbers) > 20
        assert bench.store.capacity().free_documents == 0
        keys = [key("1", number) for number in numbers]
        for at in range(0, len(keys), batch):
            bench.store.certify([signed(each, size=2_900) for each in keys[at : at + batch]])
        held = shown(bench.power_cycle())
        assert held == {each: (PARTIAL, content(f"signed {each.name}", 2_900)) for each in keys}
        for at in range(0, len(keys), batch):
            part = keys[at : at + batch]
            store = bench.store
            assert store.acknowledge([(each, digest(held[each][1])) for each in part]) == len(part)
        assert bench.store.entries() == ()
        assert len(fill(bench)) == len(numbers)


def test_a_document_that_outgrows_the_room_put_by_for_it_is_refused_when_there_is_no_other() -> None:
    bench = Bench.new(limits=Limits(owners=3, documents=5_000, signature_bytes=500))
    numbers = fill(bench)
    with pytest.raises(StoreFull):
        bench.store.certify([signed(key("1", numbers[0]), size=20_000)])
    with pytest.raises(StoreFull):
        bench.store.certify([signed(key("1", "desk"), size=20_000)])
    assert bench.store.state_of(key("1", numbers[0])) is LOADED
    with pytest.raises(StoreFull):
        bench.store.put_note("1", bytes(20_000))


def test_dead_records_give_their_space_back_for_ever() -> None:
    bench = Bench.new()
    load(bench.store, "2", "stays")
    for turn in range(300):
        (a,) = load(bench.store, "1", f"{turn}")
        bench.store.certify([signed(a)])
        bench.store.acknowledge([(a, signed(a).document.digest)])
        if turn % 50 == 0:
            bench.power_cycle()
    assert shown(bench.power_cycle()) == {key("2", "stays"): (LOADED, content("2stays"))}
    assert bench.storage.fs.free_bytes > bench.storage.fs.block_count * BLOCK_SIZE // 3
    assert bench.store.list_damaged() == ()


def test_a_note_is_kept_for_an_owner_until_erased() -> None:
    bench = Bench.new()
    assert bench.store.note("1") is None
    bench.store.put_note("1", b"patients met")
    bench.store.put_note("1", b"more patients met")
    load(bench.store, "1", "a")
    store = bench.power_cycle()
    assert store.note("1") == b"more patients met"
    bench.store.erase("1")
    assert bench.store.note("1") is None
    assert bench.power_cycle().note("1") is None


def test_owners_with_a_note_alone_make_room_for_new_owners() -> None:
    bench = Bench.new()
    for owner in range(120):
        bench.store.put_note(str(owner), content(f"note {owner}", 50))
    assert bench.store.note("0") is None
    assert bench.store.note("119") == content("note 119", 50)
    load(bench.store, "new", "a")
    assert bench.power_cycle().note("119") == content("note 119", 50)
    assert bench.store.owners() == ("new",)


def test_signature_counters_only_grow_whatever_power_cycles_there_are() -> None:
    bench = Bench.new()
    seen = []
    for calls in (1, 70, 0, 3, 64, 200):
        seen += [bench.store.next_counter() for _ in range(calls)]
        assert bench.store.counter >= (seen[-1] if seen else 0)
        bench.power_cycle()
    assert seen == sorted(set(seen))
    assert bench.store.counter >= seen[-1]


def test_most_counter_values_cost_no_flash_operation() -> None:
    bench = Bench.new()
    before = bench.flash.read(0, bench.flash.size)
    bench.store.next_counter()
    reserved = bench.flash.read(0, bench.flash.size)
    assert reserved != before
    for _ in range(63):
        bench.store.next_counter()
    assert bench.flash.read(0, bench.flash.size) == reserved


def test_capacity_says_how_much_more_fits() -> None:
    bench = Bench.new()
    empty = bench.store.capacity()
    assert (empty.documents, empty.owners, empty.damaged) == (0, 0, 0)
    assert empty.free_bytes == empty.total_bytes
    assert 10 < empty.free_documents <= 60
    load(bench.store, "1", "a", "b")
    bench.store.stage("2", load_id("x"), staged("2", "x"))
    used = bench.store.capacity()
    assert (used.documents, used.owners) == (2, 2)
    assert used.free_documents < empty.free_documents
    assert used.free_bytes < used.total_bytes == empty.total_bytes


def test_a_name_that_no_record_can_carry_is_refused_whole() -> None:
    bench = Bench.new()
    for owner, number in (("1", "a\0b"), ("1\0", "a")):
        with pytest.raises(UnusableName):
            load(bench.store, owner, number)
        with pytest.raises(UnusableName):
            bench.store.certify([signed(key(owner, number))])
    with pytest.raises(UnusableName):
        bench.store.put_note("1\0", b"x")
    assert shown(bench.power_cycle()) == {}


def test_every_refusal_carries_a_status_word_and_what_to_do() -> None:
    refusals: list[FirmwareFailure] = [
        StoreFull(),
        TooManyOwners("1"),
        UnknownDocument("x"),
        UnusableName("x"),
        DocumentConflict("x"),
        WrongState("x"),
        WrongDigest("x"),
        LoadIncomplete("1", 1, 2),
    ]
    assert len({refusal.word for refusal in refusals}) == len(refusals)
    assert all(refusal.action for refusal in refusals)


@pytest.mark.parametrize(("size", "room"), [(1 << 18, 10), (1 << 20, 100), (16 << 20, 999)])
def test_every_flash_size_serves(size: int, room: int) -> None:
    bench = Bench.new(NorFlash(blank_image(size)), Limits())
    load(bench.store, "1", "a")
    assert shown(bench.power_cycle()) == {key("1", "a"): (LOADED, content("1a"))}
    assert bench.store.capacity().free_documents >= room
