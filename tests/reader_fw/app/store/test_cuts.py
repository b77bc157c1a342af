"""Power cuts at every program and erase of what a store does: each step has happened or it has not.

The scenario runs once; its flash operations are replayed up to each point and torn there (`flash_log`). Then
the reader starts again on that image, and its user does again what was not answered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from tests.reader_fw.app.store.storage_bench import (
    SMALL,
    content,
    key,
    load_id,
    shown,
    signed,
    small_flash,
    staged,
    start,
)
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.reader_fw.app.store.invoice_store import CertifiedDocument, InvoiceStore
from tla_sim.reader_fw.app.store.storage import Storage
from tla_sim.reader_fw.board.flash import SECTOR_SIZE, NorFlash, Operation, PowerCut
from tla_sim.reader_fw.board.flash_log import FlashLog, PowerCutter, Replayer
from tla_sim.reader_fw.board.flash_tear import Tear

Step = Callable[[Storage], object]
FIRST, SECOND = load_id("first"), load_id("second")
WATCHED = (("1", FIRST), ("1", SECOND), ("2", FIRST))


def view(storage: Storage) -> object:
    """All that the outside can see of a storage, but the counter."""
    store = storage.store
    loads = [store.open_load(owner, load, 0, 0) for owner, load in WATCHED if owner in store.owners()]
    notes = [store.note(owner) for owner in ("1", "2")]
    return shown(store), loads, notes, [storage.settings.get(name) for name in ("serial", "clock")]


def certify(store: InvoiceStore, *documents: CertifiedDocument) -> None:
    """Sign what is not signed yet, as a user does who starts again after a cut."""
    store.next_counter()
    left = [each for each in documents if store.state_of(each.key) is InvoiceState.LOADED]
    store.certify(left)


def acknowledge(store: InvoiceStore, *keys: DocumentId) -> None:
    """Let signed documents go."""
    store.acknowledge([(each, signed(each).document.digest) for each in keys])


A, B, C, D = (key("1", number) for number in "abcd")
X = key("2", "x")

ROUND: tuple[Step, ...] = (
    lambda s: s.settings.put("serial", b"TLA00000001"),
    lambda s: s.store.stage("1", FIRST, staged("1", "a", "b")),
    lambda s: s.store.stage("1", FIRST, staged("1", "c", first=2)),
    lambda s: s.store.commit("1", FIRST, 3),
    lambda s: s.store.stage("2", FIRST, staged("2", "x", size=5_000)),
    lambda s: s.store.commit("2", FIRST, 1),
    lambda s: certify(s.store, signed(A), signed(X, InvoiceState.COMPLETE)),
    lambda s: s.store.put_note("1", b"patients of 1"),
    lambda s: s.settings.put("clock", bytes(8)),
    lambda s: s.store.cancel(B),
    lambda s: certify(s.store, signed(C)),
    lambda s: s.store.stage("1", SECOND, staged("1", "d")),
    lambda s: acknowledge(s.store, A, X),
    lambda s: s.store.commit("1", SECOND, 1),
    lambda s: s.store.put_note("2", b"patients of 2"),
    lambda s: s.settings.put("clock", bytes(7) + b"\x01"),
    lambda s: s.store.erase("2"),
    lambda s: certify(s.store, signed(D)),
    lambda s: acknowledge(s.store, C, D),
    lambda s: s.store.erase("1"),
)


def cycle(number: str) -> tuple[Step, ...]:
    """One document in, signed and out again."""
    document = key("1", number)
    name = load_id(number)
    return (
        lambda s: s.store.stage("1", name, staged("1", number)),
        lambda s: s.store.commit("1", name, 1),
        lambda s: certify(s.store, signed(document)),
        lambda s: acknowledge(s.store, document),
        lambda s: s.settings.put("clock", number.encode() * 40),
    )


@dataclass
class Recording:
    """A scenario that ran once: how it looked after each step, and where in the log each step ended.

    `oldest` are the files that were the oldest of the invoices and of the settings at some time.
    """

    steps: tuple[Step, ...]
    replayer: Replayer
    views: list[object]
    ends: list[int]
    counters: list[int] = field(default_factory=list)
    oldest: set[tuple[str, str]] = field(default_factory=set)

    def step_at(self, point: int) -> int:
        """The step during which operation `point` happened."""
        return next(number for number, end in enumerate(self.ends) if point < end)

    def finish(self, storage: Storage, step: int) -> None:
        """Do a step again, and all that come after it."""
        for each in self.steps[step:]:
            each(storage)


def record(steps: tuple[Step, ...], before: tuple[Step, ...] = ()) -> Recording:
    """Run `before` unobserved, then `steps` with a log."""
    flash = small_flash()
    storage = start(flash)
    for each in before:
        each(storage)
    storage.close()
    log = FlashLog(flash.read_image())
    flash.hooks.append(log)
    storage = start(flash, 2)
    recording = Recording(steps, Replayer(log), [view(storage)], [])
    for each in steps:
        each(storage)
        recording.views.append(view(storage))
        recording.counters.append(storage.store.counter)
        recording.ends.append(len(log))
        for where in ("invoices", "settings"):
            recording.oldest |= {(where, file.name) for file in storage.fs.list(where)[:1]}
    storage.close()
    return recording


def check(recording: Recording, point: int, storage: Storage) -> bool:
    """Whether the step under way at `point` has happened; fails if anything else has, or half of it."""
    step = recording.step_at(point)
    now = view(storage)
    assert now in recording.views[step : step + 2], f"step {step}, operation {point}"
    assert storage.store.list_damaged() == ()
    issued = recording.counters[step - 1] if step else 0
    assert storage.store.counter >= issued, "a counter value could be given out twice"
    return now == recording.views[step + 1]


@pytest.fixture(scope="module")
def whole_round() -> Recording:
    """The round, recorded."""
    return record(ROUND)


def test_every_cut_of_a_round_leaves_each_step_done_or_not_and_the_round_can_be_finished(
    whole_round: Recording,
) -> None:
    replayer = whole_round.replayer
    assert len(replayer) > 80
    for point in range(len(replayer)):
        for tear in replayer.tears(point):
            with replayer.cut(point, tear) as flash:
                storage = start(flash, 1_000 + point)
                check(whole_round, point, storage)
                whole_round.finish(storage, whole_round.step_at(point))
                assert view(storage) == whole_round.views[-1]
                storage.close()


def test_what_has_landed_stays_landed(whole_round: Recording) -> None:
    replayer = whole_round.replayer
    for step, end in enumerate(whole_round.ends):
        with replayer.cut(end - 1, Tear.LANDED) as flash:
            storage = start(flash, 5)
            assert view(storage) == whole_round.views[step + 1]
            storage.close()


@pytest.mark.share(3)
@pytest.mark.parametrize("step", [1, 3, 6, 10, 12, 16])
def test_a_second_cut_while_starting_again_changes_nothing_either(whole_round: Recording, step: int) -> None:
    """Depth two: load, commit, certify with the counter, acknowledge and erase; both cuts everywhere."""
    replayer = whole_round.replayer
    first = whole_round.ends[step - 1]
    second_cuts = 0
    for point in range(first, whole_round.ends[step]):
        for tear in replayer.tears(point, (Tear.NOTHING, Tear.PREFIX_50, Tear.HALF_BITS, Tear.LANDED)):
            again, went_through = 0, False
            while not went_through:
                with replayer.cut(point, tear) as flash:
                    cutter = PowerCutter(again, (Tear.HALF_BITS, Tear.PREFIX_37, Tear.LANDED)[again % 3])
                    flash.hooks.append(cutter)
                    went_through = until_cut(flash, whole_round, step)
                    again += 1
                    flash.hooks.remove(cutter)
                    second_cuts += cutter.cut
                    storage = start(flash, 3_000 + point)
                    check(whole_round, point, storage)
                    whole_round.finish(storage, step)
                    assert view(storage) == whole_round.views[-1]
                    storage.close()
    assert second_cuts > 15


def until_cut(flash: NorFlash, recording: Recording, step: int) -> bool:
    """Start and do the step again; whether that went through without a cut."""
    storage: Storage | None = None
    try:
        storage = start(flash, 2_000)
        recording.steps[step](storage)
    except PowerCut:
        return False
    finally:
        if storage is not None:
            storage.close()
    return True


def test_every_cut_while_segments_and_key_slots_are_cleaned_up() -> None:
    """The log moves what it still wants, settings begin a new segment, the vault is rewritten."""
    before = tuple(step for number in range(100, 160) for step in cycle(f"{number}"))
    kept: tuple[Step, ...] = (
        lambda s: s.store.stage("2", FIRST, staged("2", "x", "y")),
        lambda s: s.store.commit("2", FIRST, 2),
        lambda s: s.store.put_note("2", b"patients of 2"),
        lambda s: s.store.stage("2", SECOND, staged("2", "z")),
    )
    steps = tuple(step for number in range(200, 212) for step in cycle(f"{number}"))
    recording = record((*steps, lambda s: s.store.erase("2")), kept + before)
    replayer = recording.replayer
    first, second = SMALL - 2 * SECTOR_SIZE, SMALL - SECTOR_SIZE
    erased = [op.address for op in replayer.operations if op.kind is Operation.ERASE]
    assert first in erased
    assert second in erased
    oldest = [where for where, _ in recording.oldest]
    assert oldest.count("invoices") > 1
    assert oldest.count("settings") > 1
    gone = []
    for point in range(len(replayer)):
        for tear in replayer.tears(point, (Tear.PREFIX_37, Tear.HALF_BITS, Tear.LANDED)):
            with replayer.cut(point, tear) as flash:
                storage = start(flash, 1_000 + point)
                owner_gone = check(recording, point, storage) and recording.step_at(point) == len(steps)
                gone.append(owner_gone)
                store = storage.store
                if not owner_gone:
                    assert store.content(key("2", "x")) == content("2x")
                    assert store.open_load("2", SECOND, 0, 0) == (0,)
                    assert store.commit("2", FIRST, 2) == 2
                storage.close()
    assert 0 < gone.count(True) < gone.count(False)


def test_the_first_start_of_a_new_reader_survives_every_cut() -> None:
    flash = small_flash()
    log = FlashLog(flash.read_image())
    flash.hooks.append(log)
    start(flash).close()
    replayer = Replayer(log)
    for point in range(len(replayer)):
        for tear in replayer.tears(point):
            with replayer.cut(point, tear) as again:
                storage = start(again, 7)
                for each in ROUND[:8]:
                    each(storage)
                assert storage.store.state_of(A) is InvoiceState.PARTIAL
                storage.close()
