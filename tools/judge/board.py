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
"""Returns what is wrong with a change from documents before to documents now, `None` if nothing."""


def check_change(before: Documents, now: Documents, after: str, allowed: Allowed) -> None:
    """Documents change only as the event allows."""
    if now == before:
        return
    wrong = allowed(before, now)
    if wrong is not None:
        raise Violation("life", "documents change on {event}", wrong, event=after)
    check_certified_stays(before, now, after)


def check_certified_stays(before: Documents, now: Documents, after: str) -> None:
    """A certified document disappears only by acknowledgement or erasure, and never changes."""
    for key, entry in before.items():
        if entry.state not in CERTIFIED:
            continue
        if key not in now and after not in _TAKEN_AWAY_BY:
            raise Violation("life", "a certified document is lost by {event}", event=after)
        if now.get(key, entry) != entry:
            raise Violation("life", "a certified document becomes another by {event}", event=after)


def allow_nothing(_before: Documents, _now: Documents) -> Sentence | None:
    """A refused command, a power cycle and the passing of time change no document."""
    return Sentence("though none may")


def allow_keys(before: Documents, now: Documents) -> Sentence | None:
    """Keys on a visit certify or cancel loaded documents, and do nothing else."""
    if list(now) != list(before):
        return Sentence("one appeared or disappeared")
    changed = [key for key in now if now[key] != before[key]]
    loaded = all(before[key].state is InvoiceState.LOADED for key in changed)
    return (
        None
        if loaded and all(now[key].state in _ON_A_VISIT for key in changed)
        else Sentence("in their states")
    )


def allow_command(name: str, acknowledged: frozenset[DocumentId] = frozenset()) -> Allowed:
    """A command, also one cut off by a loss of power, has its whole effect on one owner's documents, or none.

    `acknowledged` are the documents of an acknowledgement, whoever owns them.
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
                return (
                    Sentence("only a part of an owner's") if any(key.owner in owners for key in now) else None
                )
            case ACKNOWLEDGE_FSE.name if not added and not changed:
                wanted = acknowledged & before.keys()
                return (
                    None if {entry.key for entry in gone} == wanted else Sentence("others than those named")
                )
        return Sentence("differently than declared")

    return wrong
