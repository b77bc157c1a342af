"""Two mirrored sectors for what must be destroyed for good or must never go back. Project-defined.

Each sector is a row of 64-byte slots, the same in both: content keys, and the high-water mark of the
signature counter. Slots are sealed under the device key. A key is destroyed in place, by programming its slot
to zeros in both sectors, which NOR flash can do without an erase; what was sealed under it is then lost to
everybody, wherever copies of it remain. A file system could not promise that: it leaves old blocks behind.

One sector is always whole: they are changed one after the other, and differences are repaired on opening.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import Annotated, Final, NamedTuple

from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.errors import Category
from tla_sim.protocol.wire.record import Record, fixed, u8, u64
from tla_sim.reader_fw.app.store.sealing import KEY_BYTES, NONCE_BYTES, RecordDamaged, Sealer
from tla_sim.reader_fw.board.entropy import Entropy
from tla_sim.reader_fw.board.flash import SECTOR_SIZE, Flash, SectorFailed
from tla_sim.reader_fw.failure import FirmwareFailure

VAULT_SECTORS: Final = 2
SLOT_SIZE: Final = 64
SLOTS: Final = SECTOR_SIZE // SLOT_SIZE
COUNTER_BLOCK: Final = 64
KEY_ID_BYTES: Final = NONCE_BYTES

_BLANK: Final = b"\xff" * SLOT_SIZE
_DESTROYED: Final = bytes(SLOT_SIZE)
_RESERVED: Final = bytes(3)


class _Slot(NamedTuple):
    """A slot that is not blank; a destroyed one is all zeros."""

    kind: Annotated[int, u8("a SlotKind, unless destroyed")]
    reserved: Annotated[bytes, fixed(3, "zeros")]
    sealed: Annotated[bytes, fixed(60, "content, sealed under the device key")]


class _Counter(NamedTuple):
    """The content of a slot of the counter."""

    value: Annotated[int, u64("no counter above it was given out")]
    padding: Annotated[bytes, fixed(KEY_BYTES - 8, "zeros, up to the length of a key")]


_SLOT: Final = Record(_Slot)
_COUNTER: Final = Record(_Counter)


class SlotKind(IntEnum):
    """The kind of content in a slot."""

    KEY = 1
    COUNTER = 2


class VaultDamaged(FirmwareFailure):
    """Both sectors are unreadable, or neither takes a value: keys and counter can no longer be trusted."""

    category = Category.BAD_INPUT

    def __init__(self, context: str) -> None:
        super().__init__(Status.MEMORY_FAILURE, context)


class Vault:
    """Content keys by identifier, and the signature counter; read on construction.

    `first` is the first of its two sectors. It holds at most 48 keys. Construction raises VaultDamaged when
    neither sector makes sense, PowerCut when power fails.
    """

    max_keys: Final = 48

    def __init__(self, flash: Flash, first: int, sealer: Sealer, entropy: Entropy) -> None:
        self._flash = flash
        self._bases = (first * SECTOR_SIZE, (first + 1) * SECTOR_SIZE)
        self._sealer = sealer
        self._entropy = entropy
        self._keys: dict[bytes, int] = {}
        self._slots: list[bytes] = []
        self._high_water = 0
        self._open()
        self._counter = self._high_water

    @property
    def counter(self) -> int:
        """The last counter value given out; after a start, the highest that may have been."""
        return self._counter

    def next_counter(self) -> int:
        """Return a counter value (u64) that was never given out before, whatever power cycles there were.

        Values are reserved 64 at a time, so most calls write nothing; a restart skips what was reserved.
        """
        if self._counter == self._high_water:
            reserved = self._high_water + COUNTER_BLOCK
            self._add(self._counter_slot(reserved))
            self._high_water = reserved
        self._counter += 1
        return self._counter

    @property
    def key_ids(self) -> tuple[bytes, ...]:
        """The identifiers of the keys held."""
        return tuple(self._keys)

    @property
    def key_count(self) -> int:
        """How many keys are held."""
        return len(self._keys)

    def new_key(self) -> bytes:
        """Make a key, and return its identifier (12 bytes). Raises VaultDamaged if 48 keys are held."""
        if len(self._keys) >= self.max_keys:
            raise VaultDamaged("The key store is full")
        slot = self._slot(SlotKind.KEY, self._entropy.take(KEY_BYTES))
        self._add(slot)
        # The nonce of its seal is random, stands in clear and is kept with the key: it serves as the name.
        key_id = slot[4 : 4 + KEY_ID_BYTES]
        self._keys[key_id] = len(self._slots) - 1
        return key_id

    def key(self, key_id: bytes) -> bytes | None:
        """Return the key of this identifier, `None` if it was destroyed or its slots are damaged."""
        at = self._keys.get(key_id)
        return None if at is None else self._open_slot(self._slots[at])

    def destroy(self, key_ids: Iterable[bytes]) -> None:
        """Destroy keys in place; ignore those that are not held."""
        for key_id in key_ids:
            at = self._keys.pop(key_id, None)
            if at is not None:
                self._slots[at] = _DESTROYED
                self._program(at, _DESTROYED)

    def __repr__(self) -> str:
        return f"Vault(keys={len(self._keys)}, counter={self._counter})"

    def _open(self) -> None:
        first, second = (self._flash.read(base, SECTOR_SIZE) for base in self._bases)
        if first == second:
            self._take_over(_split(first))
        else:
            self._reconcile(_split(first), _split(second))

    def _take_over(self, slots: Sequence[bytes]) -> None:
        """Accept slots that both sectors hold. The newest counter slot decides, since values only grow."""
        self._slots = list(slots)
        self._keys = {
            slot[4 : 4 + KEY_ID_BYTES]: at for at, slot in enumerate(slots) if slot[0] == SlotKind.KEY
        }
        counters = [slot for slot in slots if slot[0] == SlotKind.COUNTER]
        for unreadable, slot in enumerate(reversed(counters)):
            if self._open_slot(slot) is not None:
                # Each unreadable slot after it reserved one more block of values.
                self._high_water = self._value(slot) + unreadable * COUNTER_BLOCK
                return
        if counters:
            raise VaultDamaged("The signature counter")

    def _reconcile(self, first: Sequence[bytes], second: Sequence[bytes]) -> None:
        """Write what either sector holds to both, first to the one that is not the only whole copy."""
        valid = (self._valid(first), self._valid(second))
        unreadable = [
            sum(slot != _DESTROYED for slot in slots) - len(good)
            for slots, good in zip((first, second), valid, strict=True)
            if slots
        ]
        values = [
            max((self._value(slot) for slot in good if slot[0] == SlotKind.COUNTER), default=0)
            for good in valid
        ]
        newest = max(values)
        written = max(len(first), len(second)) > 1
        # A power cut spoils a slot or a sector, never both sectors. Anything beyond that is damage.
        if min(unreadable) > 1 or (min(unreadable) and written and not newest):
            raise VaultDamaged("Keys and signature counter")
        keys = list(dict.fromkeys(slot for good in valid for slot in good if slot[0] == SlotKind.KEY))
        whole = all(slot in valid[1] for slot in keys) and values[1] == newest
        # An unreadable slot may have been a counter, from which values were given out already.
        self._high_water = newest + (COUNTER_BLOCK if any(unreadable) else 0)
        counter = [self._counter_slot(self._high_water)] if self._high_water else []
        stale, sound = (0, 1) if whole else (1, 0)
        slots = [*keys, *counter]
        if self._write(stale, slots):
            self._write(sound, slots)
            self._take_over(slots)
        else:
            self._take_over((first, second)[sound])

    def _valid(self, slots: Sequence[bytes]) -> list[bytes]:
        return [slot for slot in slots if slot != _DESTROYED and self._open_slot(slot) is not None]

    def _value(self, slot: bytes) -> int:
        return _COUNTER.parse(self._open_slot(slot) or bytes(KEY_BYTES)).value

    def _write(self, mirror: int, slots: Sequence[bytes]) -> bool:
        """Rewrite one sector, and return whether it took."""
        base, raw = self._bases[mirror], b"".join(slots)
        try:
            self._flash.erase(base // SECTOR_SIZE)
            if raw:
                self._flash.program(base, raw)
        except SectorFailed:
            return False
        return self._flash.read(base, len(raw)) == raw

    def _add(self, slot: bytes) -> None:
        if len(self._slots) == SLOTS:
            live = [self._slots[at] for at in self._keys.values()]
            slots = [*live, self._counter_slot(self._high_water)]
            if not any([self._write(0, slots), self._write(1, slots)]):
                raise VaultDamaged("Keys and signature counter")
            self._take_over(slots)
        self._slots.append(slot)
        self._program(len(self._slots) - 1, slot)

    def _program(self, at: int, slot: bytes) -> None:
        took = 0
        for base in self._bases:
            address = base + at * SLOT_SIZE
            try:
                self._flash.program(address, slot)
            except SectorFailed:
                continue
            took += self._flash.read(address, SLOT_SIZE) == slot
        if not took:
            raise VaultDamaged("Keys and signature counter")

    def _counter_slot(self, value: int) -> bytes:
        padding = bytes(KEY_BYTES - 8)
        return self._slot(SlotKind.COUNTER, _COUNTER.build(_Counter(value, padding)))

    def _slot(self, kind: SlotKind, plain: bytes) -> bytes:
        sealed = self._sealer.seal(plain, _place(kind))
        return _SLOT.build(_Slot(kind, _RESERVED, sealed))

    def _open_slot(self, slot: bytes) -> bytes | None:
        row = _SLOT.parse(slot)
        if row.reserved != _RESERVED:
            return None
        try:
            return self._sealer.open(row.sealed, _place(row.kind), "A slot of the key store")
        except RecordDamaged:
            return None


def _place(kind: int) -> bytes:
    return b"vault" + bytes([kind])


def _split(sector: bytes) -> list[bytes]:
    """Return the slots of a sector up to the last one that is not blank."""
    slots = [sector[at : at + SLOT_SIZE] for at in range(0, SECTOR_SIZE, SLOT_SIZE)]
    while slots and slots[-1] == _BLANK:
        slots.pop()
    return slots
