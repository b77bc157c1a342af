"""What must hold of the documents on board, from one look to the next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from tla_sim.protocol.commands.certifying import CERTIFY
from tla_sim.protocol.commands.loading import COMMIT_LOAD
from tla_sim.protocol.commands.unloading import ACKNOWLEDGE_FSE, ERASE
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.sentence import Sentence
from tla_sim.reader_fw.app.store.invoice_store import Entry
from tla_sim.tools.judge.violation import Violation

CERTIFIED: Final = (InvoiceState.PARTIAL, InvoiceState.COMPLETE)
_ON_A_VISIT: Final = (*CERTIFIED, InvoiceState.CANCELLED)
_TAKEN_AWAY_BY: Final = (ACKNOWLEDGE_FSE.name, ERASE.name)

Documents = Mapping[DocumentId, Entry]
Allowed = Callable[[Documents, Documents], Sentence | None]
"""What is wrong with the documents before and now, `None` when nothing is."""


def check_change(before: Documents, now: Documents, after: str, allowed: Allowed) -> None:
    """Documents change only as what happened allows."""
    if now == before:
        return
    wrong = allowed(before, now)
    if wrong is not None:
        raise Violation("life", "documents change on {event}", wrong, event=after)
    check_certified_stays(before, now, after)


def check_certified_stays(before: Documents, now: Documents, after: str) -> None:
    """Nothing certified is lost but by an acknowledgement or an erasure, and nothing certified changes."""
    for key, entry in before.items():
        if entry.state not in CERTIFIED:
            continue
        if key not in now and after not in _TAKEN_AWAY_BY:
            raise Violation("life", "a certified document is lost by {event}", event=after)
        if now.get(key, entry) != entry:
            raise Violation("life", "a certified document becomes another by {event}", event=after)


def allow_nothing(_before: Documents, _now: Documents) -> Sentence | None:
    """A refused command, a power cycle and the passing of time change no document."""
    return Sentence("though nothing may")


def allow_keys(before: Documents, now: Documents) -> Sentence | None:
    """Keys on a visit certify or cancel documents that were loaded, and nothing else."""
    if list(now) != list(before):
        return Sentence("one came or went")
    changed = [key for key in now if now[key] != before[key]]
    loaded = all(before[key].state is InvoiceState.LOADED for key in changed)
    return (
        None
        if loaded and all(now[key].state in _ON_A_VISIT for key in changed)
        else Sentence("in their states")
    )


def allow_command(name: str, acknowledged: frozenset[DocumentId] = frozenset()) -> Allowed:
    """A command that is done, or cut by power, does all that it says to one owner's documents, or nothing.

    `acknowledged` are the documents that an acknowledgement is for, whoever owns them.
    """

    def wrong(before: Documents, now: Documents) -> Sentence | None:
        added = [now[key] for key in now if key not in before]
        gone = [before[key] for key in before if key not in now]
        changed = [now[key] for key in now if key in before and now[key] != before[key]]
        owners = {entry.key.owner for entry in (*added, *gone, *changed)}
        if len(owners) > 1 and name != ACKNOWLEDGE_FSE.name:
            return Sentence("of more than one owner")
        match name:
            case COMMIT_LOAD.name if not gone:
                fresh = all(entry.state is InvoiceState.LOADED for entry in added)
                return None if fresh and not changed else Sentence("others than loaded")
            case CERTIFY.name if not gone and len(added) + len(changed) == 1:
                return None if (added or changed)[0].state in CERTIFIED else Sentence("not certified")
            case ERASE.name if not added and not changed:
                return Sentence("a part of an owner's") if any(key.owner in owners for key in now) else None
            case ACKNOWLEDGE_FSE.name if not added and not changed:
                wanted = acknowledged & before.keys()
                return (
                    None if {entry.key for entry in gone} == wanted else Sentence("others than those named")
                )
        return Sentence("otherwise than it says")

    return wrong
