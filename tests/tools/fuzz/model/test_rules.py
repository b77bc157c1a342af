"""The model's rules: which status refuses what, in which order, and that every command has its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tla_sim.protocol.commands.cards import READ_PS_CARD, READ_VITALE
from tla_sim.protocol.commands.command_set import COMMANDS
from tla_sim.protocol.commands.identity import SET_CLOCK, Moment
from tla_sim.protocol.commands.loading import (
    COMMIT_LOAD,
    LOAD_INVOICE,
    OPEN_LOAD,
    LoadCommit,
    LoadedBatch,
    LoadOpening,
)
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.kinds import DocumentKind, SecurityMode
from tla_sim.protocol.documents.load import batch_digest
from tla_sim.tools.cast.invoices import make_invoice
from tla_sim.tools.cast.people import DOCTOR, MORNING, NURSE
from tla_sim.tools.fuzz.model.rules import LARGEST_LOAD, NEEDS_CODE, RULES, Ask, refusal
from tla_sim.tools.fuzz.model.state import LATEST, Link, Owner, Staged, State
from tla_sim.tools.fuzz.players import cards

ELSEWHERE = {"verify_code", "acknowledge_fse"}
"""Commands whose answers are more than a status that refuses: the effects tell them."""
MAYA = cards()["maya"][1]
LOAD = bytes(16)


def ask(request: Any = None, *, link: Link | None = None, **state: Any) -> Ask:
    """A reader with room for two owners and three documents, as told otherwise."""
    return Ask(State(2, 3, **state), link or Link(), request)


def test_every_command_has_its_row() -> None:
    assert set(RULES) | ELSEWHERE == {command.name for command in COMMANDS}
    assert not set(RULES) & ELSEWHERE


@pytest.mark.parametrize("name", RULES)
def test_a_command_is_refused_only_with_what_it_declares(name: str) -> None:
    (command,) = (each for each in COMMANDS if each.name == name)
    assert {status for status, _ in RULES[name]} <= set(command.statuses)


def test_the_first_rule_that_holds_gives_the_status() -> None:
    vitale = next(facts for _, facts in cards().values() if facts.patients)
    facts: list[tuple[dict[str, Any], Status | None]] = [
        ({}, Status.PS_CARD_ABSENT),
        ({"ps": vitale, "now": 0}, Status.PS_CARD_UNUSABLE),
        ({"ps": MAYA, "now": 0}, Status.PS_CARD_EXPIRED),
        ({"ps": replace(MAYA, valid_until=MORNING - 1)}, Status.PS_CARD_EXPIRED),
        ({"ps": replace(MAYA, valid_until=MORNING)}, None),
    ]
    for state, status in facts:
        assert refusal(READ_PS_CARD.name, ask(**state)) is status


def test_a_code_counts_for_one_insertion_on_one_link() -> None:
    def first(asked: Ask) -> Status | None:
        return next((status for status, question in NEEDS_CODE if question(asked)), None)

    assert first(ask()) is Status.PS_CARD_ABSENT
    assert first(ask(ps=MAYA, ps_insertion=2)) is Status.NOT_AUTHENTICATED
    assert first(ask(ps=MAYA, ps_insertion=2, link=Link(verified=1))) is Status.NOT_AUTHENTICATED
    assert first(ask(ps=MAYA, ps_insertion=2, link=Link(verified=2))) is None


def test_a_vitale_must_be_there_valid_and_of_the_kind_of_the_ps_card() -> None:
    vitale = next(facts for _, facts in cards().values() if facts.patients and facts.kind is MAYA.kind)
    asked = Moment(0)
    assert refusal(READ_VITALE.name, ask(asked, ps=MAYA)) is Status.VITALE_ABSENT
    assert refusal(READ_VITALE.name, ask(asked, ps=MAYA, vitale=MAYA)) is Status.VITALE_UNUSABLE
    other = next(kind for kind in type(vitale.kind) if kind is not vitale.kind)
    mixed = ask(asked, ps=MAYA, vitale=replace(vitale, kind=other))
    assert refusal(READ_VITALE.name, mixed) is Status.CARDS_MIXED
    late = ask(Moment(vitale.valid_until + 1), ps=MAYA, vitale=vitale)
    assert refusal(READ_VITALE.name, late) is Status.VITALE_UNUSABLE
    assert refusal(READ_VITALE.name, ask(asked, ps=MAYA, vitale=vitale)) is None


@pytest.mark.parametrize(("moment", "status"), [(LATEST, None), (LATEST + 1, Status.WRONG_DATA)])
def test_the_clock_goes_as_far_as_dates_can_be_written(moment: int, status: Status | None) -> None:
    assert refusal(SET_CLOCK.name, ask(Moment(moment))) is status


@pytest.mark.parametrize(
    ("opening", "status"),
    [
        (LoadOpening(NURSE, LOAD, 3, 900), None),
        (LoadOpening(NURSE, LOAD, 0, 900), Status.WRONG_DATA),
        (LoadOpening("A", LOAD, 3, 900), Status.WRONG_DATA),
        (LoadOpening(NURSE, LOAD, 4, 900), Status.NO_FREE_SLOT),
        (LoadOpening(NURSE, LOAD, 3, LARGEST_LOAD), Status.NO_FREE_SLOT),
    ],
)
def test_a_load_is_opened_where_there_is_room(opening: LoadOpening, status: Status | None) -> None:
    assert refusal(OPEN_LOAD.name, ask(opening)) is status
    assert refusal(OPEN_LOAD.name, ask(opening, tampered=True)) is Status.TAMPERED


def test_one_owner_too_many_is_refused() -> None:
    def known(*names: str) -> dict[str, Owner]:
        return {name: Owner(staged={0: staged(name)}) for name in names}

    opening = LoadOpening(NURSE, LOAD, 1, 300)
    assert refusal(OPEN_LOAD.name, ask(opening, owners=known(DOCTOR))) is None
    assert refusal(OPEN_LOAD.name, ask(opening, owners=known(DOCTOR, "1"))) is Status.TOO_MANY_OWNERS


def staged(owner: str, number: str = "190305028") -> Staged:
    """A document on its way."""
    return Staged(DocumentId(owner, number, DocumentKind.FSE), b"origin", SecurityMode.SECURED)


def batch(*contents: bytes, first: int = 0) -> LoadedBatch:
    """Contents with their digest."""
    return LoadedBatch(first, DocumentKind.FSE, SecurityMode.SECURED, batch_digest(contents), contents)


def test_a_batch_belongs_into_an_open_load_of_its_owner() -> None:
    content = make_invoice(owner=NURSE).build()
    opened = Link(load=(NURSE, LOAD, 1))

    def status(request: LoadedBatch, link: Link) -> Status | None:
        return refusal(LOAD_INVOICE.name, ask(request, link=link))

    assert status(batch(content), Link()) is Status.CONDITIONS_NOT_SATISFIED
    assert status(batch(content, first=1), opened) is Status.CONDITIONS_NOT_SATISFIED
    assert status(replace(batch(content), digest=bytes(32)), opened) is Status.DIGEST_MISMATCH
    assert status(batch(content + b"x"), opened) is Status.WRONG_DATA
    assert status(batch(content), Link(load=(DOCTOR, LOAD, 1))) is Status.NOT_OWNER
    assert status(batch(content), opened) is None


def test_a_load_is_committed_whole_and_under_its_name() -> None:
    commit, opened = LoadCommit(LOAD, 2), Link(load=(NURSE, LOAD, 2))

    def status(link: Link, *positions: int) -> Status | None:
        there = {at: staged(NURSE, f"19030500{at}") for at in positions}
        return refusal(
            COMMIT_LOAD.name, ask(commit, link=link, owners={NURSE: Owner(stage_id=LOAD, staged=there)})
        )

    assert status(Link(), 0, 1) is Status.CONDITIONS_NOT_SATISFIED
    assert status(Link(load=(NURSE, bytes([1]) * 16, 2)), 0, 1) is Status.CONDITIONS_NOT_SATISFIED
    assert status(opened, 0) is Status.CONDITIONS_NOT_SATISFIED
    assert status(opened, 0, 1) is None
