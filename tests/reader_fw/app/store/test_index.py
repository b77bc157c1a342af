"""The index of the store: what each action changes, how much of a segment is wanted, what moves it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.reader_fw.app.store.storage_bench import digest, key, load_id
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.documents.kinds import DocumentKind
from tla_sim.reader_fw.app.store.index import ROW_BYTES, Stored, StoreIndex
from tla_sim.reader_fw.app.store.records import Action, Held, Load, Note, Op, Owner, Staged
from tla_sim.reader_fw.app.store.sealing import SEAL_BYTES
from tla_sim.reader_fw.app.store.segment_log import Place

KEY = bytes(8)
FIRST, SECOND = load_id("first"), load_id("second")
SIZE = 100
LENGTH = SIZE + SEAL_BYTES


def staged(owner: str, number: str, position: int, load: bytes = FIRST, length: int = LENGTH) -> Staged:
    return Staged(owner, number, load, position, DocumentKind.FSE, digest(number.encode()), KEY, length)


def held(owner: str, number: str, state: InvoiceState, length: int = 2 * LENGTH) -> Held:
    content, origin = digest(f"signed {number}".encode()), digest(number.encode())
    return Held(owner, number, DocumentKind.FSE, state, content, origin, KEY, length)


def note(owner: str, length: int = LENGTH) -> Note:
    return Note(owner, digest(owner.encode()), KEY, length)


def applied(*actions: tuple[Op, object], segment: int = 1) -> StoreIndex:
    """An index after actions of one row each, all of them in one segment."""
    index = StoreIndex()
    for at, (op, row) in enumerate(actions):
        index.apply(Action(op, [row]), Place(segment, 1_000 * at))
    return index


def recounted(index: StoreIndex) -> tuple[dict[int, int], int, int, int]:
    """What the index counts, counted anew: wanted things a segment, bytes, uncertified, their bytes."""
    live: Counter[int] = Counter()
    lengths: list[int] = []
    uncertified: list[int] = []
    for stored in index.held.values():
        live[stored.place.segment] += 1
        lengths.append(stored.length)
        if stored.entry.state is InvoiceState.LOADED:
            uncertified.append(stored.length)
    for state in index.owners.values():
        for row, place in state.staged.values():
            live[place.segment] += 1
            lengths.append(row.length)
            uncertified.append(row.length)
        if state.note is not None:
            live[state.note.place.segment] += 1
            lengths.append(state.note.row.length)
        if state.load is not None:
            live[state.load_segment] += 1
            lengths.append(0)
    return dict(live), sum(lengths) + ROW_BYTES * len(lengths), len(uncertified), sum(uncertified)


def counts(index: StoreIndex) -> tuple[dict[int, int], int, int, int]:
    """The same as the index has it."""
    live = {segment: count for segment, count in index.live.items() if count}
    return live, index.live_bytes, index.uncertified, index.uncertified_bytes


def random_actions(rng: random.Random) -> Iterator[Action]:
    """Actions of a busy reader, in any order: what the store forbids is here, too."""
    owners, numbers, loads = ("1", "2", "3"), ("101", "102", "103", "104"), (FIRST, SECOND)
    while True:
        owner, number = rng.choice(owners), rng.choice(numbers)
        length = rng.randrange(SEAL_BYTES, 1_000)
        match rng.choice(list(Op)):
            case Op.STAGE:
                load = rng.choice(loads)
                yield Action(
                    Op.STAGE,
                    [staged(owner, each, int(each) - 101, load, length) for each in rng.sample(numbers, 2)],
                )
            case Op.COMMIT | Op.MARK as op:
                yield Action(op, [Load(owner, rng.choice(loads), 2)])
            case Op.HOLD:
                state = rng.choice((InvoiceState.LOADED, InvoiceState.PARTIAL, InvoiceState.COMPLETE))
                yield Action(Op.HOLD, [held(owner, number, state, length)])
            case Op.NOTE:
                yield Action(Op.NOTE, [note(owner, length)])
            case Op.CANCEL | Op.REMOVE as op:
                yield Action(op, [key(owner, number)])
            case op:
                yield Action(op, [Owner(owner)])


@pytest.mark.parametrize("seed", range(8))
def test_its_counts_are_those_of_what_it_holds_after_any_actions(seed: int) -> None:
    rng, index = random.Random(seed), StoreIndex()
    for at, action in zip(range(400), random_actions(rng), strict=False):
        if action.op is Op.REMOVE and action.rows[0].owner not in index.owners:
            continue
        index.apply(action, Place(at // 20, at))
        assert counts(index) == recounted(index), f"after {action.op.name}, action {at}"
        assert index.sorted_keys() == sorted(index.held)


@pytest.mark.parametrize("seed", range(8))
def test_what_is_wanted_of_a_segment_moves_whole_and_leaves_nothing_behind(seed: int) -> None:
    rng, index = random.Random(seed), StoreIndex()
    for at, action in zip(range(200), random_actions(rng), strict=False):
        if action.op is not Op.REMOVE or action.rows[0].owner in index.owners:
            index.apply(action, Place(at // 20, at))
    before = contents(index)
    for segment in sorted(index.live):
        for action, places in index.actions_of(segment):
            assert len(places) in (0, len(action.rows))
            assert all(place.segment == segment for place, _ in places)
            index.apply(action, Place(1_000, 0))
        assert not index.live.get(segment)
    assert contents(index) == before
    assert counts(index) == recounted(index)


def test_a_mark_outlives_a_removal_that_is_replayed_before_the_documents_that_were_moved() -> None:
    index = StoreIndex()
    rows = [held("1", "101", InvoiceState.PARTIAL), held("1", "102", InvoiceState.PARTIAL)]
    index.apply(Action(Op.HOLD, rows), Place(1, 0))
    later = [Action(Op.MARK, [Load("1", FIRST, 2)]), Action(Op.REMOVE, [key("1", "102")])]
    for action in later:
        index.apply(action, Place(2, 0))
    moved = [action for action, _ in index.actions_of(1)]
    replayed = StoreIndex()
    for action in (*later, *moved):
        replayed.apply(action, Place(2, 0))
    assert replayed.owners["1"].load == Load("1", FIRST, 2)
    assert list(replayed.held) == [key("1", "101")]


def contents(index: StoreIndex) -> object:
    """What it holds, wherever that lies."""
    return (
        {key: stored.row() for key, stored in index.held.items()},
        {
            name: (
                state.load_id,
                {position: item.row for position, item in state.staged.items()},
                state.load,
                state.note and state.note.row,
                state.documents,
            )
            for name, state in index.owners.items()
        },
    )


def states(index: StoreIndex) -> dict[DocumentId, InvoiceState]:
    return {key: stored.entry.state for key, stored in index.held.items()}


def test_a_load_counts_once_it_is_committed() -> None:
    index = applied((Op.STAGE, staged("1", "101", 0)), (Op.STAGE, staged("1", "102", 1)))
    assert index.held == {}
    assert index.owners["1"].active
    index.apply(Action(Op.COMMIT, [Load("1", FIRST, 2)]), Place(1, 0))
    assert states(index) == dict.fromkeys((key("1", "101"), key("1", "102")), InvoiceState.LOADED)
    entry = index.held[key("1", "102")].entry
    assert (entry.size, entry.digest) == (SIZE, entry.origin)
    assert (index.owners["1"].staged, index.owners["1"].load) == ({}, Load("1", FIRST, 2))


def test_another_load_of_an_owner_lets_the_one_under_way_go() -> None:
    index = applied((Op.STAGE, staged("1", "101", 0)), (Op.STAGE, staged("1", "102", 0, SECOND)))
    assert [item.row.number for item in index.owners["1"].staged.values()] == ["102"]
    index.apply(Action(Op.COMMIT, [Load("1", FIRST, 1)]), Place(1, 0))
    assert index.held == {}, "a commit of the load that went takes nothing in"
    assert index.owners["1"].staged


def test_a_document_that_is_there_is_not_replaced_by_a_load() -> None:
    index = applied(
        (Op.HOLD, held("1", "101", InvoiceState.PARTIAL)),
        (Op.STAGE, staged("1", "101", 0)),
        (Op.COMMIT, Load("1", FIRST, 1)),
    )
    assert states(index) == {key("1", "101"): InvoiceState.PARTIAL}
    assert index.owners["1"].documents == 1


def test_staging_what_was_committed_begins_it_anew() -> None:
    index = applied(
        (Op.STAGE, staged("1", "101", 0)), (Op.COMMIT, Load("1", FIRST, 1)), (Op.STAGE, staged("1", "101", 0))
    )
    assert index.owners["1"].load is None


def test_only_what_waits_is_cancelled() -> None:
    index = applied(
        (Op.HOLD, held("1", "101", InvoiceState.LOADED)),
        (Op.HOLD, held("1", "102", InvoiceState.COMPLETE)),
        (Op.CANCEL, key("1", "101")),
        (Op.CANCEL, key("1", "102")),
        (Op.CANCEL, key("1", "103")),
    )
    assert list(states(index).values()) == [InvoiceState.CANCELLED, InvoiceState.COMPLETE]
    assert index.uncertified == 0


def test_an_owner_is_forgotten_with_the_last_document_unless_there_is_a_note() -> None:
    index = applied((Op.HOLD, held("1", "101", InvoiceState.LOADED)), (Op.MARK, Load("1", FIRST, 1)))
    index.apply(Action(Op.REMOVE, [key("1", "101")]), Place(2, 0))
    assert (index.owners, index.key_ids(), index.live_bytes) == ({}, set(), 0)
    index = applied((Op.NOTE, note("1")), (Op.HOLD, held("1", "101", InvoiceState.LOADED)))
    index.apply(Action(Op.REMOVE, [key("1", "101")]), Place(2, 0))
    assert index.key_ids() == {KEY}
    assert not index.owners["1"].active


def test_erasing_takes_all_of_one_owner() -> None:
    index = applied(
        (Op.HOLD, held("1", "101", InvoiceState.PARTIAL)),
        (Op.NOTE, note("1")),
        (Op.STAGE, staged("1", "102", 0)),
        (Op.HOLD, held("2", "101", InvoiceState.PARTIAL)),
        (Op.ERASE, Owner("1")),
    )
    assert list(index.owners) == ["2"]
    assert list(index.held) == [key("2", "101")]


def test_contents_lie_one_behind_the_other_in_the_order_of_their_rows() -> None:
    index = StoreIndex()
    rows = [held("1", "102", InvoiceState.PARTIAL, 50), held("1", "101", InvoiceState.PARTIAL, 70)]
    index.apply(Action(Op.HOLD, rows), Place(4, 1_000))
    lying: dict[str, Stored] = {key.number: stored for key, stored in index.held.items()}
    assert (lying["102"].place, lying["101"].place) == (Place(4, 1_000), Place(4, 1_050))
