"""The invoices on board: every change happens whole or not at all, whenever power fails. Project-defined.

A log of sealed frames (`frames`, `segment_log`) with an index in memory (`index`). Each content is sealed by
itself under a key of its owner, which `erase` destroys for good (`vault`); damage to one loses that document
alone and names it. An acknowledged document leaves the index at once. Its sealed bytes stay in flash until
their segment is cleaned, and become unreadable for ever once nothing of their owner is left.

Every method that changes something raises PowerCut when power fails; the store is then opened anew and holds
either what it held before the call or what it would have held after.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.sentence import Sentence
from tla_sim.reader_fw.app.store.errors import (
    DocumentConflict,
    LoadIncomplete,
    UnknownDocument,
    UnusableName,
    WrongDigest,
    WrongState,
)
from tla_sim.reader_fw.app.store.index import Entry, OwnerState
from tla_sim.reader_fw.app.store.record_log import RecordLog
from tla_sim.reader_fw.app.store.records import Action, Held, Load, Note, Op, Owner, Staged
from tla_sim.reader_fw.app.store.sealing import SEAL_BYTES, Sealer
from tla_sim.reader_fw.app.store.space import Capacity, Limits
from tla_sim.reader_fw.app.store.vault import Vault
from tla_sim.reader_fw.board.entropy import Entropy
from tla_sim.reader_fw.board.filesystem import FlashFileSystem

if TYPE_CHECKING:
    from tla_sim.protocol.documents.document import Document

__all__ = [
    "Capacity",
    "CertifiedDocument",
    "Entry",
    "InvoiceStore",
    "Limits",
    "StagedInvoice",
]

_CERTIFIED: Final = (InvoiceState.PARTIAL, InvoiceState.COMPLETE)


class StagedInvoice(NamedTuple):
    """A document of a load: its position in the load, its name and its content."""

    position: int
    key: DocumentId
    document: Document


class CertifiedDocument(NamedTuple):
    """A signed document: its name, its state (PARTIAL or COMPLETE) and its content.

    `unsigned` is the document before it was signed, needed only for one that was never loaded.
    """

    key: DocumentId
    state: InvoiceState
    document: Document
    unsigned: Document | None = None


class InvoiceStore:
    """The store in a file system and a vault, read on construction.

    Construction raises FileSystemDamaged or PowerCut. Damage to single frames does not keep the store from
    opening: see `list_damaged`.
    """

    def __init__(
        self,
        fs: FlashFileSystem,
        vault: Vault,
        sealer: Sealer,
        entropy: Entropy,
        limits: Limits | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self._records = RecordLog(fs, vault, sealer, entropy, self.limits)
        self._index = self._records.index
        self._space = self._records.space

    @property
    def counter(self) -> int:
        """The last signature counter given out; after a start, the highest that may have been."""
        return self._records.vault.counter

    def next_counter(self) -> int:
        """Return a signature counter (u64) that was never given out before, in spite of power cycles."""
        return self._records.vault.next_counter()

    @property
    def changes(self) -> int:
        """A count that grows with every change: as long as it stays the same, so does the whole store."""
        return self._index.changes

    def owners(self) -> tuple[str, ...]:
        """Return the owners of documents, loaded or staged, in order."""
        return tuple(sorted(name for name, state in self._index.owners.items() if state.active))

    def entries(self, owner: str | None = None) -> tuple[Entry, ...]:
        """Return the documents of one owner, or of all, by owner, number and kind, without staged ones."""
        held = self._index.held
        keys = self._index.sorted_keys()
        return tuple([held[key].entry for key in keys if owner is None or key.owner == owner])

    def entry(self, key: DocumentId) -> Entry | None:
        """Return one document, `None` if it is not on board."""
        stored = self._index.held.get(key)
        return None if stored is None else stored.entry

    def state_of(self, key: DocumentId) -> InvoiceState | None:
        """Return the state of a document, `None` if it is not on board."""
        stored = self._index.held.get(key)
        return None if stored is None else stored.entry.state

    def content(self, key: DocumentId) -> bytes:
        """Return a document's bytes, as loaded or signed. Raises UnknownDocument, RecordDamaged."""
        stored = self._index.held.get(key)
        if stored is None:
            raise UnknownDocument(key.name)
        place = _place(key, stored.entry.digest)
        return self._records.open(stored.key_id, stored.place, stored.length, place, key.name)

    def list_damaged(self) -> tuple[str, ...]:
        """Return what is known to be unreadable, in words: frames from the start on, documents once read."""
        return tuple(self._records.damaged)

    def capacity(self) -> Capacity:
        """Return how full the store is."""
        staged = sum(len(state.staged) for state in self._index.owners.values())
        free = max(self._space.budget - self._space.sum_required(self._index), 0)
        slots = self.limits.documents - len(self._index.held) - staged
        return Capacity(
            owners=len(self.owners()),
            documents=len(self._index.held),
            free_documents=self._space.free_documents(free, slots),
            free_bytes=free,
            total_bytes=self._space.budget,
            damaged=len(self._records.damaged),
        )

    def open_load(self, owner: str, load_id: bytes, documents: int, total_bytes: int) -> tuple[int, ...]:
        """Return the positions of this load that are already here, which is all if it was committed.

        `documents` and `total_bytes` announce the load. Raises TooManyOwners or StoreFull if it will not
        fit. Another unfinished load of this owner does not count, since staging this one drops it.
        """
        state = self._records.owner(owner)
        if state.load is not None and state.load.load_id == load_id:
            return tuple(range(state.load.documents))
        present = state.staged if state.load_id == load_id else {}
        known = sum(item.row.length - SEAL_BYTES for item in present.values())
        missing = max(documents - len(present), 0)
        required = missing * self._space.of_loaded(SEAL_BYTES) + 2 * max(total_bytes - known, 0)
        self._records.admit(owner, load_id, missing, required)
        return tuple(sorted(present))

    def stage(self, owner: str, load_id: bytes, documents: Sequence[StagedInvoice]) -> int:
        """Keep these documents of a load, all or none, and return how many of the load are here now.

        They stay invisible until the load is committed. Another unfinished load of this owner is dropped, and
        documents that are already here are skipped. Raises DocumentConflict, TooManyOwners, StoreFull,
        UnusableName.
        """
        records, state = self._records, self._records.owner(owner)
        if state.load is not None and state.load.load_id == load_id:
            return state.load.documents
        fresh = self._skip_staged(owner, state if state.load_id == load_id else OwnerState(), documents)
        if fresh:
            sizes = [self._space.of_loaded(len(each.document.content) + SEAL_BYTES) for each in fresh]
            records.admit(owner, load_id, len(fresh), sum(sizes))
            key_id = records.key_of(owner)
            rows, contents = [], []
            for position, key, document in fresh:
                digest = document.digest
                sealed = records.seal(key_id, document.content, _place(key, digest))
                rows.append(
                    Staged(owner, key.number, load_id, position, key.kind, digest, key_id, len(sealed))
                )
                contents.append(sealed)
            records.write([(Action(Op.STAGE, rows), contents)])
        state = records.owner(owner)
        return len(state.staged) if state.load_id == load_id else 0

    def commit(self, owner: str, load_id: bytes, documents: int) -> int:
        """Make a load valid, whole or not at all, and return how many documents it has.

        Repeating it changes nothing. A document already on board with the same origin stays as it is. Raises
        LoadIncomplete unless exactly the positions 0 to `documents` - 1 are staged, or DocumentConflict.
        """
        state = self._records.owner(owner)
        # The mark of the last load, which a workstation that lost the answer commits again.
        if state.load is not None and state.load.load_id == load_id:
            if state.load.documents != documents:
                raise LoadIncomplete(owner, state.load.documents, documents)
            return documents
        staged = state.staged if state.load_id == load_id else {}
        if not documents or sorted(staged) != list(range(documents)):
            raise LoadIncomplete(owner, len(staged), documents)
        for item in staged.values():
            self._check_origin(item.row.id, item.row.digest)
        self._records.write([(Action(Op.COMMIT, [Load(owner, load_id, documents)]), [])])
        return documents

    def certify(self, documents: Sequence[CertifiedDocument]) -> None:
        """Replace loaded documents by signed ones, or add signed ones that were never loaded, all or none.

        Raises WrongState for a document that is no longer LOADED (nothing is signed twice), DocumentConflict
        for one named twice, and TooManyOwners, StoreFull or UnusableName for one that was never loaded or has
        outgrown the room reserved for it.
        """
        self._check_certifiable(documents)
        records = self._records
        key_ids: dict[str, bytes] = {}
        rows, contents = [], []
        for key, state, document, unsigned in documents:
            digest = document.digest
            entry = self.entry(key)
            origin = entry.origin if entry is not None else (unsigned or document).digest
            if key.owner not in key_ids:
                key_ids[key.owner] = records.key_of(key.owner)
            key_id = key_ids[key.owner]
            sealed = records.seal(key_id, document.content, _place(key, digest))
            rows.append(Held(*key, state, digest, origin, key_id, len(sealed)))
            contents.append(sealed)
        if rows:
            records.write([(Action(Op.HOLD, rows), contents)])

    def cancel(self, key: DocumentId) -> None:
        """Cancel a loaded document; repeating it changes nothing. Raises UnknownDocument, WrongState."""
        state = self.state_of(key)
        if state is None:
            raise UnknownDocument(key.name)
        if state is InvoiceState.CANCELLED:
            return
        if state is not InvoiceState.LOADED:
            raise WrongState(key.name)
        self._records.write([(Action(Op.CANCEL, [key]), [])])

    def acknowledge(self, documents: Sequence[tuple[DocumentId, bytes]]) -> int:
        """Remove documents that the host has, by key and digest, all or none, and return how many left.

        Those already gone do not count. Raises WrongState for a LOADED one, WrongDigest for a digest that is
        not that of the content on board.
        """
        leaving: dict[DocumentId, None] = {}
        for key, digest in documents:
            entry = self.entry(key)
            if entry is None:
                continue
            if entry.state is InvoiceState.LOADED:
                raise WrongState(key.name)
            if entry.digest != digest:
                raise WrongDigest(key.name)
            leaving[key] = None
        if leaving:
            self._records.write([(Action(Op.REMOVE, list(leaving)), [])])
        return len(leaving)

    def erase(self, owner: str) -> int:
        """Erase all that is kept of an owner, destroy its key, and return how many documents there were."""
        before = len(self._index.held)
        if owner in self._index.owners:
            self._records.write([(Action(Op.ERASE, [Owner(owner)]), [])])
        return before - len(self._index.held)

    def put_note(self, owner: str, content: bytes) -> None:
        """Keep one content for an owner besides the documents, replacing the one before.

        `erase` removes it, too. Owners with nothing but a note do not count as owners; the oldest of them
        make room for new ones. Raises StoreFull, UnusableName.
        """
        _check_names(owner)
        records, state = self._records, self._records.owner(owner)
        before = 0 if state.note is None else self._space.of_final(state.note.row.length)
        required = self._space.of_final(len(content) + SEAL_BYTES) - before
        records.check_room(
            self._space.sum_required(self._index) + required,
            Sentence("A note for owner {owner}", owner=owner),
        )
        records.make_owner_room(owner)
        key_id = records.key_of(owner)
        digest = hashlib.sha256(content).digest()
        sealed = records.seal(key_id, content, _note_place(owner, digest))
        records.write([(Action(Op.NOTE, [Note(owner, digest, key_id, len(sealed))]), [sealed])])

    def note(self, owner: str) -> bytes | None:
        """Return the content kept for an owner, `None` if there is none. Raises RecordDamaged."""
        note = self._records.owner(owner).note
        if note is None:
            return None
        row, at = note
        place = _note_place(owner, row.digest)
        return self._records.open(row.key_id, at, row.length, place, f"Note of owner {owner}")

    def _skip_staged(
        self, owner: str, state: OwnerState, documents: Sequence[StagedInvoice]
    ) -> list[StagedInvoice]:
        """Return the documents that `state` has not staged yet. Raises DocumentConflict."""
        added: dict[int, StagedInvoice] = {}
        positions: dict[DocumentId, int] = {}
        for each in documents:
            position, key, document = each
            _check_names(owner, key.number)
            at = state.positions.get(key, positions.setdefault(key, position))
            staged = state.staged.get(position)
            if staged is not None:
                here = (staged.row.id, staged.row.digest)
            else:
                first = added.setdefault(position, each)
                here = (first.key, first.document.digest)
            if at != position or here != (key, document.digest):
                raise DocumentConflict(key.name)
            self._check_origin(key, document.digest)
        return list(added.values())

    def _check_origin(self, key: DocumentId, digest: bytes) -> None:
        entry = self.entry(key)
        if entry is not None and entry.origin != digest:
            raise DocumentConflict(key.name)

    def _check_certifiable(self, documents: Sequence[CertifiedDocument]) -> None:
        growth = 0
        seen: dict[DocumentId, None] = {}
        new: dict[str, int] = {}
        for key, state, document, _ in documents:
            if state not in _CERTIFIED:
                raise ValueError(f"a certified document is PARTIAL or COMPLETE, not {state.name}")
            if key in seen:
                raise DocumentConflict(key.name)
            seen[key] = None
            entry = self.entry(key)
            growth += self._space.of_final(len(document.content) + SEAL_BYTES)
            if entry is None:
                _check_names(key.owner, key.number)
                new[key.owner] = new.get(key.owner, 0) + 1
            elif entry.state is not InvoiceState.LOADED:
                raise WrongState(key.name)
            else:
                growth -= self._space.of_loaded(entry.size + SEAL_BYTES)
        for owner, count in new.items():
            self._records.admit(owner, self._records.owner(owner).load_id, count, 0)
        if growth > 0:
            self._records.check_room(
                self._space.sum_required(self._index) + growth,
                Sentence("{count} signed documents", count=len(documents)),
            )


def _place(key: DocumentId, digest: bytes) -> bytes:
    # A NUL after each part keeps names apart ("1" and "23", "12" and "3"), which is why none may contain one.
    owner, number, kind = key
    return f"{owner}\0{number}\0{kind:d}\0".encode() + digest


def _note_place(owner: str, digest: bytes) -> bytes:
    return f"{owner}\0note\0".encode() + digest


def _check_names(*names: str) -> None:
    for name in names:
        if "\0" in name:
            raise UnusableName(name)
