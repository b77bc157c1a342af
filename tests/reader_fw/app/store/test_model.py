"""The store against a plain dictionary, with power cuts wherever hypothesis wants them."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.reader_fw.app.store.storage_bench import Bench, content, digest, key, load_id, shown
from tla_sim.protocol.documents.document import Document
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.reader_fw.app.store.invoice_store import (
    CertifiedDocument,
    InvoiceStore,
    StagedInvoice,
)
from tla_sim.reader_fw.board.flash import PowerCut
from tla_sim.reader_fw.board.flash_log import PowerCutter
from tla_sim.reader_fw.board.flash_tear import Tear
from tla_sim.reader_fw.failure import FirmwareFailure

OWNERS = ("1", "2", "3")
NUMBERS = tuple("abcdef")
LOADS = ("north", "south")
owners = st.sampled_from(OWNERS)
numbers = st.lists(st.sampled_from(NUMBERS), min_size=1, max_size=4, unique=True)
cuts = st.none() | st.tuples(st.integers(0, 9), st.sampled_from(Tear))


@dataclass
class Known:
    """What the model knows of a document."""

    state: InvoiceState
    content: bytes
    origin: bytes


@dataclass
class Model:
    """What the store should hold."""

    documents: dict[DocumentId, Known] = field(default_factory=dict)
    staged: dict[str, tuple[bytes, dict[int, StagedInvoice]]] = field(default_factory=dict)
    committed: dict[str, tuple[bytes, int]] = field(default_factory=dict)
    notes: dict[str, bytes] = field(default_factory=dict)

    def drop_empty(self) -> None:
        """A committed load is remembered while anything of its owner is left."""
        left = {each.owner for each in self.documents} | set(self.staged) | set(self.notes)
        self.committed = {owner: load for owner, load in self.committed.items() if owner in left}


class StoreMachine(RuleBasedStateMachine):
    """Runs each operation on both; after a cut the store must show the model before it or after it."""

    def __init__(self) -> None:
        super().__init__()
        self.bench = Bench.new()
        self.model = Model()
        self.counters = [0]
        self.seed = 10

    def attempt(
        self,
        cut: tuple[int, Tear] | None,
        act: Callable[[InvoiceStore], object],
        change: Callable[[Model], None],
    ) -> None:
        """Do it, perhaps with a cut; `change` is what it does to the model."""
        after = copy.deepcopy(self.model)
        change(after)
        after.drop_empty()
        if cut is None:
            act(self.bench.store)
            self.model = after
            return
        hook = PowerCutter(*cut)
        self.bench.flash.hooks.append(hook)
        try:
            act(self.bench.store)
            self.model = after
        except PowerCut:
            pass
        self.bench.flash.hooks.clear()
        self.restart()
        if hook.cut and self.model is not after and self.matches(after):
            self.model = after
        assert self.matches(self.model)

    def restart(self) -> None:
        self.seed += 1
        self.bench.power_cycle(self.seed)

    def matches(self, model: Model) -> bool:
        store = self.bench.store
        documents = {each: (doc.state, doc.content) for each, doc in model.documents.items()}
        if shown(store) != documents or [e.key for e in store.entries()] != sorted(documents):
            return False
        if any(store.note(owner) != model.notes.get(owner) for owner in OWNERS):
            return False
        for owner in OWNERS:
            for name in LOADS:
                load = load_id(name)
                expected: tuple[int, ...] = ()
                if owner in model.committed and model.committed[owner][0] == load:
                    expected = tuple(range(model.committed[owner][1]))
                elif owner in model.staged and model.staged[owner][0] == load:
                    expected = tuple(sorted(model.staged[owner][1]))
                if store.open_load(owner, load, 0, 0) != expected:
                    return False
        return True

    @rule(owner=owners, name=st.sampled_from(LOADS), wanted=numbers, first=st.integers(0, 3), cut=cuts)
    def stage(
        self, owner: str, name: str, wanted: list[str], first: int, cut: tuple[int, Tear] | None
    ) -> None:
        load = load_id(name)
        documents = [
            StagedInvoice(at, key(owner, number), Document(content(owner + number)))
            for at, number in enumerate(wanted, first)
        ]
        if owner in self.model.committed and self.model.committed[owner][0] == load:
            assert self.bench.store.stage(owner, load, documents) == self.model.committed[owner][1]
            return
        before = self.model.staged.get(owner, (load, {}))
        known = before[1] if before[0] == load else {}
        positions = {item.key: at for at, item in known.items()}
        clash = any(
            known.get(item.position, item) != item or positions.get(item.key, item.position) != item.position
            for item in documents
        )
        if clash:
            try:
                self.bench.store.stage(owner, load, documents)
            except FirmwareFailure:
                return
            raise AssertionError("a conflict went through")

        def change(model: Model) -> None:
            model.staged[owner] = load, {**known, **{item.position: item for item in documents}}

        fresh = any(item.position not in known for item in documents)
        self.attempt(
            cut, lambda store: store.stage(owner, load, documents), change if fresh else lambda _: None
        )

    @rule(owner=owners, cut=cuts)
    def commit(self, owner: str, cut: tuple[int, Tear] | None) -> None:
        if owner not in self.model.staged:
            return
        load, items = self.model.staged[owner]
        if sorted(items) != list(range(len(items))):
            try:
                self.bench.store.commit(owner, load, len(items))
            except FirmwareFailure:
                return
            raise AssertionError("a load with holes went through")

        def change(model: Model) -> None:
            for item in items.values():
                body = item.document.content
                fresh = Known(InvoiceState.LOADED, body, body)
                model.documents.setdefault(item.key, fresh)
            del model.staged[owner]
            model.committed[owner] = load, len(items)

        self.attempt(cut, lambda store: store.commit(owner, load, len(items)), change)

    @rule(data=st.data(), cut=cuts)
    def certify(self, data: st.DataObject, cut: tuple[int, Tear] | None) -> None:
        loaded = [each for each, doc in self.model.documents.items() if doc.state is InvoiceState.LOADED]
        if not loaded:
            return
        chosen = data.draw(st.lists(st.sampled_from(sorted(loaded)), min_size=1, max_size=3, unique=True))
        state = data.draw(st.sampled_from((InvoiceState.PARTIAL, InvoiceState.COMPLETE)))
        size = data.draw(st.integers(0, 2_800))
        documents = [
            CertifiedDocument(each, state, Document(content(f"signed {each}", size))) for each in chosen
        ]

        def act(store: InvoiceStore) -> None:
            counter = store.next_counter()
            assert counter > self.counters[-1]
            self.counters.append(counter)
            store.certify(documents)

        def change(model: Model) -> None:
            for item in documents:
                origin = model.documents[item.key].origin
                model.documents[item.key] = Known(state, item.document.content, origin)

        self.attempt(cut, act, change)

    @rule(data=st.data(), cut=cuts)
    def cancel(self, data: st.DataObject, cut: tuple[int, Tear] | None) -> None:
        loaded = [each for each, doc in self.model.documents.items() if doc.state is InvoiceState.LOADED]
        if loaded:
            chosen = data.draw(st.sampled_from(sorted(loaded)))

            def change(model: Model) -> None:
                model.documents[chosen].state = InvoiceState.CANCELLED

            self.attempt(cut, lambda store: store.cancel(chosen), change)

    @rule(data=st.data(), cut=cuts)
    def acknowledge(self, data: st.DataObject, cut: tuple[int, Tear] | None) -> None:
        done = [each for each, doc in self.model.documents.items() if doc.state is not InvoiceState.LOADED]
        if not done:
            return
        chosen = data.draw(st.lists(st.sampled_from(sorted(done)), min_size=1, max_size=6, unique=True))
        shown_to_host = [(each, digest(self.model.documents[each].content)) for each in chosen]

        def change(model: Model) -> None:
            for each in chosen:
                del model.documents[each]

        self.attempt(cut, lambda store: store.acknowledge(shown_to_host), change)

    @rule(owner=owners, cut=cuts)
    def erase(self, owner: str, cut: tuple[int, Tear] | None) -> None:
        def change(model: Model) -> None:
            model.documents = {each: doc for each, doc in model.documents.items() if each.owner != owner}
            model.staged.pop(owner, None)
            model.notes.pop(owner, None)

        self.attempt(cut, lambda store: store.erase(owner), change)

    @rule(owner=owners, size=st.integers(0, 3_000), cut=cuts)
    def put_note(self, owner: str, size: int, cut: tuple[int, Tear] | None) -> None:
        note = content(f"note {size}", size)
        self.attempt(
            cut, lambda store: store.put_note(owner, note), lambda model: model.notes.update({owner: note})
        )

    @rule()
    def switch_off_and_on(self) -> None:
        self.restart()

    @invariant()
    def holds_what_it_should(self) -> None:
        assert self.matches(self.model)
        assert self.bench.store.list_damaged() == ()
        assert self.bench.store.counter >= self.counters[-1]
        expected = {each.owner for each in self.model.documents} | set(self.model.staged)
        assert self.bench.store.owners() == tuple(sorted(expected))

    def teardown(self) -> None:
        self.bench.storage.close()


TestStoreMachine = StoreMachine.TestCase
TestStoreMachine.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
