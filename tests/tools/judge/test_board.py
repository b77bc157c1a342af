"""What may become of documents on board, and what may not."""

from __future__ import annotations

import pytest

from tla_sim.protocol.commands.certifying import CERTIFY
from tla_sim.protocol.commands.identity import SET_CLOCK
from tla_sim.protocol.commands.loading import COMMIT_LOAD
from tla_sim.protocol.commands.unloading import ACKNOWLEDGE_FSE, ERASE
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import DocumentKind
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.reader_fw.app.store.index import Entry
from tla_sim.tools.cast.people import DOCTOR, NURSE
from tla_sim.tools.judge.board import (
    Allowed,
    Documents,
    allow_command,
    allow_keys,
    allow_nothing,
    check_certified_stays,
    check_change,
)
from tla_sim.tools.judge.violation import Violation

LOADED, PARTIAL, CANCELLED = InvoiceState.LOADED, InvoiceState.PARTIAL, InvoiceState.CANCELLED


def name(number: int, owner: str = NURSE) -> DocumentId:
    return DocumentId(owner, f"{number:09}", DocumentKind.FSE)


def holding(states: dict[int, InvoiceState], owner: str = NURSE) -> dict[DocumentId, Entry]:
    keys = {name(number, owner): state for number, state in states.items()}
    return {key: Entry(key, state, bytes(32), 1, bytes(32)) for key, state in keys.items()}


BOTH = holding({1: LOADED, 2: PARTIAL})

SOUND: list[tuple[Documents, Documents, str, Allowed]] = [
    (BOTH, BOTH, "a power cycle", allow_nothing),
    (BOTH, holding({1: PARTIAL, 2: PARTIAL}), "a key", allow_keys),
    (BOTH, holding({1: CANCELLED, 2: PARTIAL}), "a key", allow_keys),
    (BOTH, {**BOTH, **holding({3: LOADED})}, COMMIT_LOAD.name, allow_command(COMMIT_LOAD.name)),
    (BOTH, holding({1: PARTIAL, 2: PARTIAL}), CERTIFY.name, allow_command(CERTIFY.name)),
    (BOTH, {}, ERASE.name, allow_command(ERASE.name)),
    (
        BOTH,
        holding({1: LOADED}),
        ACKNOWLEDGE_FSE.name,
        allow_command(ACKNOWLEDGE_FSE.name, frozenset({name(2)})),
    ),
]

WRONG: list[tuple[Documents, Documents, str, Allowed]] = [
    (BOTH, holding({1: PARTIAL, 2: PARTIAL}), "a power cycle", allow_nothing),
    (BOTH, holding({2: PARTIAL}), "a key", allow_keys),
    (BOTH, holding({1: LOADED, 2: CANCELLED}), "a key", allow_keys),
    (BOTH, {**BOTH, **holding({3: PARTIAL})}, COMMIT_LOAD.name, allow_command(COMMIT_LOAD.name)),
    (
        BOTH,
        {**BOTH, **holding({3: LOADED}), **holding({4: LOADED}, DOCTOR)},
        COMMIT_LOAD.name,
        allow_command(COMMIT_LOAD.name),
    ),
    (BOTH, holding({1: CANCELLED, 2: PARTIAL}), CERTIFY.name, allow_command(CERTIFY.name)),
    (BOTH, holding({2: PARTIAL}), ERASE.name, allow_command(ERASE.name)),
    (BOTH, {}, ACKNOWLEDGE_FSE.name, allow_command(ACKNOWLEDGE_FSE.name, frozenset({name(2)}))),
    (BOTH, holding({1: PARTIAL, 2: PARTIAL}), SET_CLOCK.name, allow_command(SET_CLOCK.name)),
]


@pytest.mark.parametrize(("before", "now", "after", "allowed"), SOUND)
def test_what_may_happen_is_let_pass(before: Documents, now: Documents, after: str, allowed: Allowed) -> None:
    check_change(before, now, after, allowed)


@pytest.mark.parametrize(("before", "now", "after", "allowed"), WRONG)
def test_what_may_not_happen_is_seen(before: Documents, now: Documents, after: str, allowed: Allowed) -> None:
    with pytest.raises(Violation, match=f"life: documents change on {after}"):
        check_change(before, now, after, allowed)


def test_what_is_certified_is_neither_lost_nor_changed() -> None:
    check_certified_stays(BOTH, {}, ERASE.name)
    with pytest.raises(Violation, match="lost by set_clock"):
        check_certified_stays(BOTH, holding({1: LOADED}), SET_CLOCK.name)
    with pytest.raises(Violation, match="becomes another by a key"):
        check_certified_stays(BOTH, holding({1: LOADED, 2: InvoiceState.COMPLETE}), "a key")
