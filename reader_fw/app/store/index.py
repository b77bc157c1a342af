"""The index of the store, in memory: built by replaying the log, kept up by applying each new action.

Both go through the same `apply`, so that after a power cut the reader knows exactly what it knew before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.reader_fw.app.store.records import Action, Held, Load, Note, Op, Staged
from tla_sim.reader_fw.app.store.sealing import SEAL_BYTES
from tla_sim.reader_fw.app.store.segment_log import Place

ROW_BYTES: Final = 384
"""Bytes that a row takes in both directories of its frame, rounded up, besides its content."""


class Entry(NamedTuple):
    """A document on board.

    `digest` (SHA-256) and `size` are those of its present content, `origin` is the digest of what was loaded.
    """

    key: DocumentId
    state: InvoiceState
    digest: bytes
    size: int
    origin: bytes


class Stored(NamedTuple):
    """A document and the place of its sealed content."""

    entry: Entry
    key_id: bytes
    place: Place

    @property
    def length(self) -> int:
        """How many bytes the sealed content has."""
        return self.entry.size + SEAL_BYTES

    def row(self) -> Held:
        """Return the row that records the document as it is now."""
        (owner, number, kind), state, digest, _, origin = self.entry
        return Held(owner, number, kind, state, digest, origin, self.key_id, self.length)


class StagedAt(NamedTuple):
    """A staged document and the place of its sealed content."""

    row: Staged
    place: Place


class NoteAt(NamedTuple):
    """A note and the place of its sealed content."""

    row: Note
    place: Place


@dataclass
class OwnerState:
    """What the store knows about one owner.

    `load_id`, `staged` (by position) and `positions` (by name) describe the load under way; `load` is the
    last one committed, for as long as anything of the owner is left.
    """

    key_id: bytes = b""
    documents: int = 0
    load_id: bytes = b""
    staged: dict[int, StagedAt] = field(default_factory=dict)
    positions: dict[DocumentId, int] = field(default_factory=dict)
    load: Load | None = None
    load_segment: int = -1
    note: NoteAt | None = None

    @property
    def active(self) -> bool:
        """Whether there are documents of this owner, held or staged."""
        return bool(self.documents or self.staged)

    @property
    def empty(self) -> bool:
        """Whether nothing of this owner is left."""
        return not self.active and self.note is None


class StoreIndex:
    """Documents, staged loads, marks and notes, and how much of each segment is still wanted.

    A mark records the last committed load of an owner. `live` counts the wanted items of each segment,
    `live_bytes` their bytes in all segments; `uncertified` and `uncertified_bytes` count the contents that
    signatures may still enlarge.
    `changes` counts the actions applied: as long as it stays the same, so does everything else.
    """

    def __init__(self) -> None:
        self.changes = 0
        self.held: dict[DocumentId, Stored] = {}
        self.owners: dict[str, OwnerState] = {}
        self.live: dict[int, int] = {}
        self.live_bytes = 0
        self.uncertified = 0
        self.uncertified_bytes = 0
        self._sorted: list[DocumentId] | None = None

    def sorted_keys(self) -> list[DocumentId]:
        """Return the keys of all documents in order of owner, number and kind."""
        # What adds a key sets the list to None; what removes one keeps the order of the others.
        if self._sorted is None:
            self._sorted = sorted(self.held)
        elif len(self._sorted) != len(self.held):
            self._sorted = [key for key in self._sorted if key in self.held]
        return self._sorted

    def key_ids(self) -> set[bytes]:
        """Return the identifiers of the content keys in use."""
        return {state.key_id for state in self.owners.values()} | {
            stored.key_id for stored in self.held.values()
        }

    def apply(self, action: Action, place: Place) -> None:
        """Apply an action whose frame has its body at `place`."""
        self.changes += 1
        op, rows = action
        # The sealed contents follow one another in the body, in the order of the rows.
        segment, offset = place
        if op is Op.STAGE:
            for row in rows:
                self._stage(row, Place(segment, offset))
                offset += row.length
        elif op is Op.HOLD:
            for row in rows:
                self._hold(row, Place(segment, offset))
                offset += row.length
        elif op is Op.NOTE:
            for row in rows:
                self._note(row, Place(segment, offset))
                offset += row.length
        elif op is Op.COMMIT:
            for row in rows:
                self._commit(row, segment)
        elif op is Op.MARK:
            for row in rows:
                self._mark(row, segment)
        elif op is Op.CANCEL:
            for row in rows:
                self._cancel(row)
        elif op is Op.REMOVE:
            for row in rows:
                self._remove(row)
                self._drop_if_empty(row.owner)
        else:
            for row in rows:
                self._erase(row.owner)

    def actions_of(self, segment: int) -> list[tuple[Action, list[tuple[Place, int]]]]:
        """Return the actions that write all that is wanted of a segment elsewhere.

        Each comes with the places and lengths of the sealed contents of its rows.
        """
        held = [stored for stored in self.held.values() if stored.place.segment == segment]
        # An owner's mark moves with the documents, and behind them. If it stayed where it is, a REMOVE that
        # is replayed between the two would find an owner without documents and drop the mark.
        staged, notes, marked = [], [], dict.fromkeys(stored.entry.key.owner for stored in held)
        for name, state in self.owners.items():
            staged += [item for item in state.staged.values() if item.place.segment == segment]
            if state.note is not None and state.note.place.segment == segment:
                notes.append(state.note)
            if state.load is not None and state.load_segment == segment:
                marked[name] = None
        loads = [state.load for name in marked if (state := self.owners[name]).load is not None]
        actions: list[tuple[Action, list[tuple[Place, int]]]] = [
            (Action(Op.HOLD, [stored.row() for stored in held]), [(it.place, it.length) for it in held]),
            (Action(Op.STAGE, [it.row for it in staged]), [(it.place, it.row.length) for it in staged]),
            (Action(Op.NOTE, [it.row for it in notes]), [(it.place, it.row.length) for it in notes]),
            (Action(Op.MARK, loads), []),
        ]
        return [(action, contents) for action, contents in actions if action.rows]

    def _owner(self, name: str, key_id: bytes) -> OwnerState:
        state = self.owners.setdefault(name, OwnerState())
        state.key_id = key_id
        return state

    def _stage(self, row: Staged, place: Place) -> None:
        state = self._owner(row.owner, row.key_id)
        if state.load_id != row.load_id:
            self._unstage(state)
            state.load_id = row.load_id
        if state.load is not None and state.load.load_id == row.load_id:
            self._unmark(state)
        before = state.staged.get(row.position)
        if before is not None:
            self._lose(before.place.segment, before.row.length, certifiable=True)
        state.staged[row.position] = StagedAt(row, place)
        state.positions[row.id] = row.position
        self._gain(place.segment, row.length, certifiable=True)

    def _commit(self, row: Load, segment: int) -> None:
        state = self.owners.setdefault(row.owner, OwnerState())
        # Where the stage is missing, its segment was cleaned and its documents come later, as HOLD. What is
        # left of the commit is its mark.
        if state.load_id == row.load_id:
            for position in sorted(state.staged):
                self._promote(state, *state.staged[position])
            state.staged.clear()
            state.positions.clear()
            state.load_id = b""
        self._mark(row, segment)

    def _promote(self, state: OwnerState, row: Staged, place: Place) -> None:
        key = row.id
        # The store lets only the same content through. What is here may be signed, and is not to be replaced
        # by the unsigned one.
        if key in self.held:
            self._lose(place.segment, row.length, certifiable=True)
            return
        entry = Entry(key, InvoiceState.LOADED, row.digest, row.length - SEAL_BYTES, row.digest)
        self.held[key] = Stored(entry, row.key_id, place)
        state.documents += 1
        self._sorted = None

    def _hold(self, row: Held, place: Place) -> None:
        key = row.id
        state = self._owner(row.owner, row.key_id)
        before = self.held.get(key)
        if before is None:
            state.documents += 1
            self._sorted = None
        else:
            self._forget(before)
        size = row.length - SEAL_BYTES
        entry = Entry(key, InvoiceState(row.state), row.digest, size, row.origin)
        self.held[key] = Stored(entry, row.key_id, place)
        self._gain(place.segment, row.length, certifiable=entry.state is InvoiceState.LOADED)

    def _note(self, row: Note, place: Place) -> None:
        state = self._owner(row.owner, row.key_id)
        self._drop_note(state)
        state.note = NoteAt(row, place)
        self._gain(place.segment, row.length)

    def _mark(self, row: Load, segment: int) -> None:
        state = self.owners.setdefault(row.owner, OwnerState())
        self._unmark(state)
        state.load, state.load_segment = row, segment
        self._gain(segment, 0)

    def _cancel(self, key: DocumentId) -> None:
        before = self.held.get(key)
        if before is None or before.entry.state is not InvoiceState.LOADED:
            return
        # The same bytes stay, but need no more room for signatures.
        self._lose(before.place.segment, before.length, certifiable=True)
        self._gain(before.place.segment, before.length)
        entry = before.entry._replace(state=InvoiceState.CANCELLED)
        self.held[key] = before._replace(entry=entry)

    def _remove(self, key: DocumentId) -> None:
        before = self.held.pop(key, None)
        if before is not None:
            self.owners[key.owner].documents -= 1
            self._forget(before)

    def _erase(self, name: str) -> None:
        state = self.owners.get(name)
        if state is None:
            return
        self._unstage(state)
        for key in [key for key in self.held if key.owner == name]:
            self._remove(key)
        self._drop_note(state)
        self._drop_if_empty(name)

    def _drop_if_empty(self, name: str) -> None:
        state = self.owners.get(name)
        if state is not None and state.empty:
            self._unmark(state)
            del self.owners[name]

    def _unstage(self, state: OwnerState) -> None:
        for item in state.staged.values():
            self._lose(item.place.segment, item.row.length, certifiable=True)
        state.staged.clear()
        state.positions.clear()
        state.load_id = b""

    def _unmark(self, state: OwnerState) -> None:
        if state.load is not None:
            self._lose(state.load_segment, 0)
            state.load = None

    def _drop_note(self, state: OwnerState) -> None:
        if state.note is not None:
            self._lose(state.note.place.segment, state.note.row.length)
            state.note = None

    def _forget(self, stored: Stored) -> None:
        loaded = stored.entry.state is InvoiceState.LOADED
        self._lose(stored.place.segment, stored.length, certifiable=loaded)

    def _gain(self, segment: int, length: int, *, certifiable: bool = False) -> None:
        self._count(segment, 1, length, certifiable)

    def _lose(self, segment: int, length: int, *, certifiable: bool = False) -> None:
        self._count(segment, -1, length, certifiable)

    def _count(self, segment: int, sign: int, length: int, certifiable: bool) -> None:
        self.live[segment] = self.live.get(segment, 0) + sign
        self.live_bytes += sign * (length + ROW_BYTES)
        if certifiable:
            self.uncertified += sign
            self.uncertified_bytes += sign * length
