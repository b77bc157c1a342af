"""The store's log with its index and keys: writes actions whole, keeps room for them, and cleans up.

It carries out what `InvoiceStore` decides, and does not know which changes are allowed.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from construct import ConstructError

from tla_sim.protocol.sentence import Sentence
from tla_sim.reader_fw.app.store.errors import StoreFull, TooManyOwners
from tla_sim.reader_fw.app.store.index import OwnerState, StoreIndex
from tla_sim.reader_fw.app.store.records import Action, Op, Owner, decode, encode
from tla_sim.reader_fw.app.store.sealing import RecordDamaged, Sealer
from tla_sim.reader_fw.app.store.segment_log import Place, SegmentLog, frame_bytes
from tla_sim.reader_fw.app.store.space import MAX_OWNERS, Limits, Space
from tla_sim.reader_fw.app.store.vault import Vault
from tla_sim.reader_fw.board.entropy import Entropy
from tla_sim.reader_fw.board.filesystem import FileSystemDamaged, FlashFileSystem, FlashFull

_DIRECTORY: Final = "invoices"

Write = tuple[Action, Sequence[bytes]]
"""An action, and the sealed contents of its rows, in order."""


class RecordLog:
    """The log, read on construction. `index` is what it holds; `damaged` names what is unreadable.

    Construction raises FileSystemDamaged or PowerCut. It destroys keys that are no longer in use, such as a
    power cut leaves behind, unless part of the log is unreadable: that part may still need them.
    """

    def __init__(
        self, fs: FlashFileSystem, vault: Vault, sealer: Sealer, entropy: Entropy, limits: Limits
    ) -> None:
        self.vault = vault
        self.limits = limits
        self.space = Space(fs.block_count, limits)
        self.index = StoreIndex()
        self.damaged: dict[str, None] = {}
        self._entropy = entropy
        self._log = SegmentLog(fs, _DIRECTORY, sealer, self.space.segment_bytes)
        self._sealers: dict[bytes, Sealer] = {}
        for segment, frame in self._log.replay():
            try:
                action = decode(frame.directory)
            except (ConstructError, ValueError):
                raise FileSystemDamaged(
                    Sentence("Frame {number} of a newer version of this software", number=frame.number)
                ) from None
            self.index.apply(action, Place(segment, frame.body_offset))
        for damage in self._log.damage:
            self.damaged[f"Segment {damage.segment:x}, bytes {damage.start} to {damage.end}"] = None
        self._destroy_unused()

    def owner(self, name: str) -> OwnerState:
        """Return what is known about an owner, a blank state for a new one."""
        return self.index.owners.get(name) or OwnerState()

    def key_of(self, owner: str) -> bytes:
        """Return the identifier of an owner's content key; a new owner gets a new key."""
        state = self.index.owners.get(owner)
        return self.vault.new_key() if state is None else state.key_id

    def seal(self, key_id: bytes, content: bytes, place: bytes) -> bytes:
        """Return a content sealed under a key of the vault. Raises RecordDamaged if the key is lost."""
        return self._sealer(key_id, Sentence("An owner's key")).seal(content, place)

    def open(self, key_id: bytes, at: Place, length: int, place: bytes, record: str) -> bytes:
        """Return the plain bytes of a sealed content. Raises RecordDamaged, which names `record`."""
        try:
            return self._sealer(key_id, record).open(self._log.read(at, length), place, record)
        except RecordDamaged:
            self.damaged[record] = None
            raise

    def admit(self, owner: str, load_id: bytes, documents: int, required: int) -> None:
        """Check that new documents of an owner fit, which will take `required` bytes once certified.

        A load of the owner under way other than `load_id` does not count. Raises TooManyOwners, StoreFull.
        """
        index, state = self.index, self.owner(owner)
        active = [name for name, other in index.owners.items() if other.active and name != owner]
        if len(active) >= self.limits.owners:
            raise TooManyOwners(owner)
        going = [] if state.load_id == load_id else [item.row.length for item in state.staged.values()]
        held = len(index.held) + sum(len(other.staged) for other in index.owners.values()) - len(going)
        if held + documents > self.limits.documents:
            raise StoreFull(
                Sentence(
                    "{held} of {most} documents and {documents} more",
                    held=held,
                    most=self.limits.documents,
                    documents=documents,
                )
            )
        used = self.space.sum_required(index) - sum(self.space.of_loaded(length) for length in going)
        self.check_room(
            used + required,
            Sentence("{documents} documents of owner {owner}", documents=documents, owner=owner),
        )
        self.make_owner_room(owner)

    def check_room(self, required: int, what: str) -> None:
        """Raise StoreFull, which names `what`, if the store would take more bytes than it may."""
        if required > self.space.budget:
            raise StoreFull(what)

    def write(self, writes: Sequence[Write]) -> None:
        """Write actions, all or none, and apply them. Raises StoreFull, in which case nothing has changed."""
        parts = [(encode(action), b"".join(contents)) for action, contents in writes]
        try:
            self._make_room(sum(frame_bytes(directory, len(body)) for directory, body in parts))
            self._append(writes, parts)
        except (FlashFull, StoreFull) as error:
            self._destroy_unused()
            raise StoreFull("The flash") from error
        # One key per owner, so unequal counts mean that an owner is gone. Keys go last: a power cut before
        # this leaves a key too many, which the next start destroys; the other way round it would leave
        # contents that nobody can open.
        if self.vault.key_count != len(self.index.owners):
            self._destroy_unused()
        self._tidy()

    def _append(self, writes: Sequence[Write], parts: Sequence[tuple[bytes, bytes]]) -> None:
        # Flash before memory: whatever the index knows must be found again after a power cut.
        places = self._log.append(parts)
        for (action, _), place in zip(writes, places, strict=True):
            self.index.apply(action, place)

    def _sealer(self, key_id: bytes, record: str) -> Sealer:
        sealer = self._sealers.get(key_id)
        if sealer is None:
            key = self.vault.key(key_id)
            if key is None:
                raise RecordDamaged(record)
            sealer = self._sealers[key_id] = Sealer(key, self._entropy)
        return sealer

    def _destroy_unused(self) -> None:
        """Destroy the keys that are no longer in use."""
        if self._log.damage:
            return
        wanted = self.index.key_ids()
        unused = [key_id for key_id in self.vault.key_ids if key_id not in wanted]
        for key_id in unused:
            self._sealers.pop(key_id, None)
        self.vault.destroy(unused)

    def make_owner_room(self, owner: str) -> None:
        """Erase the note of the oldest owner without documents if a new owner's key would not fit."""
        known = self.index.owners
        # Some keys short of the 48 that the vault holds: those of owners that are gone may linger there until
        # the next write, or for good if the log is damaged.
        if owner not in known and len(known) >= MAX_OWNERS + 8:
            oldest = next((name for name, state in known.items() if not state.active), None)
            if oldest is not None:
                self.write([(Action(Op.ERASE, [Owner(oldest)]), [])])

    def _make_room(self, coming: int) -> None:
        # Each segment once is enough: a second time the same bytes would only be moved again.
        for _ in range(len(self._log.sizes) + 1):
            if not self.space.must_clean(self._log.total, len(self._log.sizes), coming):
                return
            if not self._clean():
                break
        if self.space.must_clean(self._log.total, len(self._log.sizes), coming):
            raise StoreFull(Sentence("{coming} bytes", coming=coming))

    def _tidy(self) -> None:
        """Give back space where that is cheap: at most one segment is moved per call."""
        self._drop_dead()
        if self.space.should_clean(self._log.total, self.index):
            with suppress(FlashFull):
                self._clean()
            self._drop_dead()

    def _drop_dead(self) -> None:
        log = self._log
        while log.oldest != log.newest and log.oldest is not None and not self.index.live.get(log.oldest):
            self.index.live.pop(log.oldest, None)
            log.remove(log.oldest)

    def _clean(self) -> bool:
        """Move what is wanted of the oldest segment and remove it; return false if there is none."""
        log, oldest = self._log, self._log.oldest
        if oldest is None:
            return False
        if oldest == log.newest:
            log.roll()  # or its contents would be moved into the segment that is removed
        for action, contents in self.index.actions_of(oldest):
            self._move(action, [log.read(place, length) for place, length in contents])
        # A power cut up to here leaves rows twice; replay applies them in order, so the later place counts.
        self.index.live.pop(oldest, None)
        log.remove(oldest)
        return True

    def _move(self, action: Action, contents: Sequence[bytes]) -> None:
        """Write an action's rows again, in frames of about a segment each."""
        op, rows = action
        first, size = 0, 0
        for at in range(len(rows)):
            size += len(contents[at]) if contents else 0
            if size >= self.space.segment_bytes or at == len(rows) - 1:
                part = Action(op, rows[first : at + 1])
                bodies = contents[first : at + 1]
                self._append([(part, bodies)], [(encode(part), b"".join(bodies))])
                first, size = at + 1, 0
