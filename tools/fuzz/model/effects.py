"""The effects on the model's state of commands that were done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tla_sim.protocol.commands.cards import READ_PS_CARD
from tla_sim.protocol.commands.certifying import CERTIFY
from tla_sim.protocol.commands.identity import SET_CLOCK
from tla_sim.protocol.commands.loading import COMMIT_LOAD, LOAD_INVOICE, OPEN_LOAD
from tla_sim.protocol.commands.unloading import ACKNOWLEDGE_FSE, ERASE
from tla_sim.protocol.commands.updating import ACTIVATE_UPDATE, OPEN_UPDATE, UPDATE_BLOCK
from tla_sim.protocol.documents.fse import SecurityMode
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.tools.fuzz.images import image_with
from tla_sim.tools.fuzz.model.rules import (
    Ask,
    already,
    batch_is_committed,
    batch_items,
    certify_key,
    held_one,
    known_of,
    load_of,
)
from tla_sim.tools.fuzz.model.state import Document, Owner
from tla_sim.tools.fuzz.players import document_digest

Effect = Callable[[Ask], None]


def _set_clock(ask: Ask) -> None:
    ask.state.offset = ask.request.moment - ask.state.now


def _read_ps_card(ask: Ask) -> None:
    ask.link.channel = ask.state.ps_insertion


def _open(ask: Ask) -> None:
    request = ask.request
    ask.link.load = (request.owner, request.load_id, request.count)


def _stage(ask: Ask) -> None:
    if batch_is_committed(ask):
        return
    name, load_id, _ = load_of(ask)
    items, staged = batch_items(ask), ask.state.owner(name).staged_of(load_id)
    if any(position not in staged for position in items):
        owner = ask.state.owners.setdefault(name, Owner())
        if owner.stage_id != load_id:
            owner.staged, owner.stage_id = {}, load_id
        owner.staged |= {at: item for at, item in items.items() if at not in owner.staged}


def _commit(ask: Ask) -> None:
    state = ask.state
    name, load_id, count = load_of(ask)
    ask.link.load = None
    owner = state.owners.setdefault(name, Owner())
    if owner.has_committed(load_id):
        return
    for item in owner.staged.values():
        if item.id not in state.documents:
            state.documents[item.id] = Document(
                InvoiceState.LOADED, item.origin, item.mode, version=state.fresh_version()
            )
    owner.staged, owner.stage_id, owner.committed = {}, b"", (load_id, count)


def _acknowledge(ask: Ask) -> None:
    for key in known_of(ask):
        ask.state.remove(key)


def _erase(ask: Ask) -> None:
    ask.state.erase(ask.request.owner)
    if ask.link.load is not None and ask.link.load[0] == ask.request.owner:
        ask.link.load = None


def _certify(ask: Ask) -> None:
    if already(ask):
        return
    state, request = ask.state, ask.request
    key = certify_key(ask)
    held = held_one(ask)
    mode = request.mode
    complete = mode is SecurityMode.DEGRADED or (key.owner in ask.ps.signs and key.owner in ask.ps.owns)
    origin = document_digest(request.content, request.kind, mode) if held is None else held.origin
    state.documents[key] = Document(
        InvoiceState.COMPLETE if complete else InvoiceState.PARTIAL,
        origin,
        mode,
        ask.ps.name,
        state.fresh_version(),
    )
    owner = state.owners.setdefault(key.owner, Owner())
    if mode is SecurityMode.SECURED:
        assert state.vitale is not None
        owner.note_met(state.vitale.name, ask.ps.name)


def _open_update(ask: Ask) -> None:
    ask.state.coming = image_with(ask.request.head)


def _update_block(ask: Ask) -> None:
    ask.state.spare[ask.request.position] = ask.request.content


def _activate(ask: Ask) -> None:
    state = ask.state
    assert state.coming is not None
    former, state.running = state.running, state.coming
    state.spare = dict(enumerate(former.chunks))
    state.floor = max(state.floor, state.running.floor)
    state.max_owners, state.max_documents = state.running.max_owners, state.running.max_documents
    state.switch_off()


def _nothing(_: Ask) -> None:
    pass


EFFECTS: Final[dict[str, Effect]] = {
    SET_CLOCK.name: _set_clock,
    READ_PS_CARD.name: _read_ps_card,
    OPEN_LOAD.name: _open,
    LOAD_INVOICE.name: _stage,
    COMMIT_LOAD.name: _commit,
    ACKNOWLEDGE_FSE.name: _acknowledge,
    ERASE.name: _erase,
    CERTIFY.name: _certify,
    OPEN_UPDATE.name: _open_update,
    UPDATE_BLOCK.name: _update_block,
    ACTIVATE_UPDATE.name: _activate,
}


def take_effect(name: str, ask: Ask) -> None:
    """Apply the effect of a command that was done, if it has one."""
    EFFECTS.get(name, _nothing)(ask)
