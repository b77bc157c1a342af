"""Any sequence of steps, in batches, against a plain model of the rules: same states, same refusals."""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.samples import COMPLETE, PARTIAL, make_fse, send, sign, verified
from tla_sim.host.documents import OutgoingDocument
from tla_sim.host.ledger.errors import DocumentRefused
from tla_sim.host.ledger.ledger import Ledger, LedgerState
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import DocumentKind, Fse, Role
from tla_sim.protocol.documents.verification import VerifiedFse
from tla_sim.tools.cast.invoices import make_document
from tla_sim.tools.cast.people import NURSE

NAMES = [DocumentId(NURSE, "000000001", kind) for kind in DocumentKind]
P, L, R, C, F, X, T = (
    LedgerState[name]
    for name in ("PREPARED", "LOADED", "PARTIAL", "COMPLETE", "FINAL", "CANCELLED", "TRANSMITTED")
)


@cache
def document(name: DocumentId, total: int) -> OutgoingDocument:
    return make_document(name.number, name.owner, kind=name.kind, total=total)


@cache
def pulled(name: DocumentId, total: int, roles: tuple[Role, ...], counter: int) -> VerifiedFse:
    return verified(make_fse(document(name, total).invoice, roles, kind=name.kind, counter=counter))


@cache
def final(name: DocumentId, total: int, counter: int, last: int) -> VerifiedFse:
    return verified(sign(pulled(name, total, PARTIAL, counter).fse, (Role.TITULAIRE,), counter=last))


@dataclass
class Known:
    state: LedgerState
    total: int
    reader: str = ""
    first: bytes | None = None
    held: bytes | None = None


class No(Exception):
    """The model refuses."""


Model = dict[DocumentId, Known]


def check_sibling(model: Model, name: DocumentId, total: int) -> None:
    """A number names one invoice: its FSE and DRE never differ once one of them is on a reader or signed."""
    (sibling,) = (model.get(each) for each in NAMES if each != name)
    if sibling is not None and sibling.total != total and sibling.state not in (P, X):
        raise No


names = st.sampled_from(NAMES)
totals = st.sampled_from((100, 100, 100, 200))
readers = st.sampled_from(("R1", "R2"))
counters = st.sampled_from((1, 1, 1, 5))


def batches(*parts: st.SearchStrategy[object]) -> st.SearchStrategy[list[tuple[object, ...]]]:
    return st.lists(st.tuples(*parts), min_size=1, max_size=2)


class Life(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.ledger = Ledger.open(Path(self.folder.name) / "ledger.db")
        self.model: Model = {}

    def teardown(self) -> None:
        self.ledger.close()
        self.folder.cleanup()

    def both(self, act: Callable[[], object], expect: Callable[[Model], None]) -> None:
        trial = copy.deepcopy(self.model)
        try:
            expect(trial)
        except No:
            with pytest.raises(DocumentRefused):
                act()
        else:
            act()
            self.model = trial

    @rule(batch=batches(names, totals))
    def prepare(self, batch: list[tuple[DocumentId, int]]) -> None:
        def expect(model: Model) -> None:
            for name, total in batch:
                known = model.get(name)
                if known is None:
                    check_sibling(model, name, total)
                    model[name] = Known(P, total)
                elif known.total != total:
                    check_sibling(model, name, total)
                    if known.state not in (P, X):
                        raise No
                    model[name] = Known(P, total)

        self.both(lambda: self.ledger.record_prepared([document(*each) for each in batch]), expect)

    @rule(batch=batches(names, totals), reader=readers)
    def load(self, batch: list[tuple[DocumentId, int]], reader: str) -> None:
        def expect(model: Model) -> None:
            for name, total in batch:
                known = model.get(name)
                same = known is not None and known.total == total
                if not same:
                    check_sibling(model, name, total)
                if known is None or known.state is P or (known.state is X and not same):
                    model[name] = Known(L, total, reader)
                elif not (same and known.state is L and known.reader == reader):
                    raise No

        self.both(lambda: self.ledger.record_loaded([document(*each) for each in batch], reader), expect)

    @rule(batch=st.lists(names, min_size=1, max_size=2), reader=readers)
    def unload(self, batch: list[DocumentId], reader: str) -> None:
        def expect(model: Model) -> None:
            for name in batch:
                known = model.get(name)
                if known is not None and known.state is L and known.reader == reader:
                    model[name] = Known(P, known.total)

        self.both(lambda: self.ledger.record_unloaded(batch, reader), expect)

    @rule(batch=st.lists(names, min_size=1, max_size=2), reader=readers)
    def cancel(self, batch: list[DocumentId], reader: str) -> None:
        def expect(model: Model) -> None:
            for name in batch:
                if name not in model or model[name].state not in (P, L, X):
                    raise No
                if model[name].state is L:
                    model[name] = Known(X, model[name].total, reader)

        self.both(lambda: self.ledger.record_cancelled(batch, reader), expect)

    @rule(batch=batches(names, totals, st.sampled_from((PARTIAL, COMPLETE)), counters), reader=readers)
    def pull(self, batch: list[tuple[DocumentId, int, tuple[Role, ...], int]], reader: str) -> None:
        fses = [pulled(*each) for each in batch]

        def expect(model: Model) -> None:
            for (name, total, roles, _), fse in zip(batch, fses, strict=True):
                known = model.get(name)
                if known is not None and known.total != total:
                    raise No
                if known is not None and fse.content in (known.first, known.held):
                    continue
                if known is not None and known.state not in (P, L):
                    raise No
                state = R if roles == PARTIAL else C
                model[name] = Known(state, total, reader, fse.content, fse.content)

        self.both(lambda: self.ledger.record_pulled(fses, reader), expect)

    @rule(batch=batches(names, totals, counters, counters), reader=readers)
    def sign(self, batch: list[tuple[DocumentId, int, int, int]], reader: str) -> None:
        fses = [final(*each) for each in batch]

        def expect(model: Model) -> None:
            for (name, *_), fse in zip(batch, fses, strict=True):
                known = model.get(name)
                if known is not None and known.held == fse.content:
                    continue
                if known is None or known.state is not R or not fse.content.startswith(known.held or b"?"):
                    raise No
                model[name] = Known(F, known.total, reader, known.first, fse.content)

        self.both(lambda: self.ledger.record_final(fses, reader), expect)

    @rule(
        batch=st.lists(names, min_size=1, max_size=2, unique=True),
        of_disk=st.sampled_from((True, True, False)),
    )
    def transmit(self, batch: list[DocumentId], of_disk: bool) -> None:
        fses = [self._to_leave(name, of_disk) for name in batch]

        def expect(model: Model) -> None:
            for name, fse in zip(batch, fses, strict=True):
                known = model.get(name)
                if known is None or known.state not in (C, F) or known.held != fse.content:
                    raise No
                known.state = T

        self.both(lambda: send(self.ledger, *fses), expect)

    def _to_leave(self, name: DocumentId, of_disk: bool) -> VerifiedFse:
        """What is held of a document, or another FSE under its name."""
        known = self.model.get(name)
        if of_disk and known is not None and known.held is not None:
            return verified(Fse.parse(known.held))
        return pulled(name, 100, COMPLETE, 99)

    @rule()
    def close_and_open(self) -> None:
        path = self.ledger.path
        self.ledger.close()
        self.ledger = Ledger.open(path)

    @invariant()
    def ledger_and_model_agree(self) -> None:
        lines = {each.id: each for each in self.ledger.documents()}
        assert set(lines) == set(self.model)
        for name, known in self.model.items():
            line = lines[name]
            assert (line.state, line.total, line.reader) == (known.state, known.total, known.reader)
            assert self.ledger.invoice(name) == document(name, known.total).content
            assert self.ledger.events(name)[-1].state is known.state
            if known.held is not None:
                assert self.ledger.fse(name) == known.held
        waiting = [each.line.id for each in self.ledger.to_sign()]
        assert waiting == _in(self.model, R)
        assert [each.line.id for each in self.ledger.transmissible()] == _in(self.model, C, F)


def _in(model: Model, *states: LedgerState) -> list[DocumentId]:
    return sorted(_named(model.items(), states))


def _named(items: Iterable[tuple[DocumentId, Known]], states: tuple[LedgerState, ...]) -> list[DocumentId]:
    return [name for name, known in items if known.state in states]


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
