"""Target: operations of the invoice store, the key store and the settings, on a flash that is soon full.

They include what no command asks for: names that no record has, documents in the wrong state, more owners
with notes than there are keys. What was there before a restart must be there after it.
"""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Final

from tla_sim.protocol.documents.document import Document
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.documents.kinds import DocumentKind
from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.sentence import Sentence
from tla_sim.reader_fw.app.store.invoice_store import (
    CertifiedDocument,
    Entry,
    Limits,
    StagedInvoice,
)
from tla_sim.reader_fw.app.store.settings import MAX_VALUE_BYTES
from tla_sim.reader_fw.app.store.storage import Storage, open_storage
from tla_sim.reader_fw.board.board import SAMPLE_DEVICE_KEY
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.board.flash import SECTOR_SIZE, NorFlash, blank_image
from tla_sim.tools.fuzz.case import Case, Step
from tla_sim.tools.fuzz.chance import Chance, pick
from tla_sim.tools.fuzz.targets.base import Notes, Target
from tla_sim.tools.judge.violation import Violation

_SECTORS: Final = 40
_LIMITS: Final = Limits(owners=3, documents=24, signature_bytes=2_000)
_OWNERS: Final = ("1", "2", "3", "4", "1\x002", "")
_NUMBERS: Final = ("1", "2", "3", "4", "5", "6", "\0")
_SIZES: Final = (10, 900, 900, 900, 6_000)
_STATES: Final = (InvoiceState.PARTIAL, InvoiceState.COMPLETE, InvoiceState.LOADED)
_MANY: Final = 60
_ACTS: Final = (
    *("stage", "stage", "stage", "commit", "commit", "certify", "certify", "certify"),
    *("cancel", "acknowledge", "acknowledge", "erase", "note", "notes", "note"),
    *("count", "setting", "setting", "forget", "reopen", "open", "read"),
)


class StorageTarget(Target):
    """Sequences of operations on the firmware's storage."""

    name = "storage"
    unit = "operation"
    summary = Sentence("operations of the invoice store, the key store and the settings")
    acts = tuple(dict.fromkeys(_ACTS))

    def generate(self, chance: Chance) -> Case:
        """Make 20 to 120 operations, each with owner, number, count and size."""
        steps = []
        for _ in range(20 + chance.below(100)):
            owner, number = (
                chance.below(3 if chance.below(6) else 6),
                chance.below(6 if chance.below(12) else 7),
            )
            steps.append(
                Step(pick(chance, _ACTS), f"{owner}:{number}:{1 + chance.below(3)}:{chance.below(5)}")
            )
        return tuple(steps)

    def run(self, case: Case, notes: Notes) -> None:
        """Carry out a case and judge it."""
        _play(case, notes, judging=True)

    def bare(self, case: Case) -> int:
        """Carry out a case without comparing."""
        notes = Notes()
        _play(case, notes, judging=False)
        return notes.units

    def describe(self, case: Case) -> list[str]:
        """Return one line per step."""
        return [f"{step.act} owner:number:count:size {step.arg}" for step in case]


@cache
def _ready() -> bytes:
    image = blank_image(_SECTORS * SECTOR_SIZE)
    open_storage(NorFlash(image), SAMPLE_DEVICE_KEY, SeededEntropy(1), _LIMITS).close()
    return bytes(image)


def _play(case: Case, notes: Notes, *, judging: bool) -> None:
    kept = _Kept()
    try:
        for step in case:
            owner, number, count, size = (int(each) for each in step.arg.split(":"))
            before = kept.entries()
            try:
                getattr(kept, f"do_{step.act.replace('-', '_')}")(_OWNERS[owner], number, count, _SIZES[size])
                outcome = "done"
            except (TlaError, ValueError) as error:
                outcome = type(error).__name__
                if judging and kept.entries() != before:
                    raise Violation("life", "{act} is refused and changes documents", act=step.act) from None
            notes.saw(step.act, outcome)
        if judging:
            kept.do_reopen("", 0, 0, 0)
    finally:
        kept.storage.close()


class _Kept:
    """The storage of one case."""

    def __init__(self) -> None:
        self._flash = NorFlash(bytearray(_ready()))
        self._entropy = SeededEntropy(2)
        self.storage: Storage = self._open()
        self._settings: dict[str, bytes] = {}
        self._turn = 0

    def _open(self) -> Storage:
        return open_storage(self._flash, SAMPLE_DEVICE_KEY, self._entropy, _LIMITS)

    def entries(self) -> tuple[Entry, ...]:
        """Return the documents on board."""
        return self.storage.store.entries()

    def do_stage(self, owner: str, number: int, count: int, size: int) -> None:
        """Stage some documents of a load."""
        documents = [
            StagedInvoice(at, _name(owner, number + at), Document(_content(owner, number + at, size)))
            for at in range(count)
        ]
        self.storage.store.stage(owner, _load_id(number), documents)

    def do_open(self, owner: str, number: int, count: int, size: int) -> None:
        """Announce a load."""
        self.storage.store.open_load(owner, _load_id(number), count, count * size)

    def do_commit(self, owner: str, number: int, count: int, _: int) -> None:
        """Commit a load."""
        self.storage.store.commit(owner, _load_id(number), count)

    def do_certify(self, owner: str, number: int, count: int, size: int) -> None:
        """Add signed documents, loaded before or not, sometimes one of them twice."""
        state, repeated = _STATES[(count + size) % len(_STATES)], 1 + (size == _SIZES[0])
        key = _name(owner, number)
        signed = CertifiedDocument(key, state, Document(_content(owner, number, size + 1_500)))
        self.storage.store.certify([signed] * repeated)

    def do_cancel(self, owner: str, number: int, *_: int) -> None:
        """Cancel a document."""
        self.storage.store.cancel(_name(owner, number))

    def do_acknowledge(self, owner: str, number: int, count: int, _: int) -> None:
        """Acknowledge documents, three of them with a wrong digest, and one that is not there."""
        entries = [each for each in self.entries() if each.key.owner == owner][:count]
        named = [(each.key, each.digest if count < 3 else bytes(32)) for each in entries]
        self.storage.store.acknowledge([*named, (_name(owner, number, DocumentKind.DRE), bytes(32))])

    def do_erase(self, owner: str, *_: int) -> None:
        """Erase an owner's documents."""
        self.storage.store.erase(owner)

    def do_note(self, owner: str, number: int, _: int, size: int) -> None:
        """Store a note for an owner, and read it back."""
        content = _content(owner, number, size)
        self.storage.store.put_note(owner, content)
        if self.storage.store.note(owner) != content:
            raise Violation("life", "a note does not read back as it was stored")

    def do_notes(self, _: str, number: int, count: int, __: int) -> None:
        """Store notes for more owners than there are keys."""
        for at in range(number * count * _MANY // 18):
            self.storage.store.put_note(f"n{at}", b"note")

    def do_count(self, _: str, number: int, count: int, __: int) -> None:
        """Take signature counters."""
        store = self.storage.store
        for _turn in range(number * count * 40):
            before = store.counter
            if store.next_counter() <= before:
                raise Violation("life", "a signature counter does not grow")

    def do_setting(self, _: str, number: int, count: int, size: int) -> None:
        """Store a setting, sometimes one that is too long."""
        self._turn += 1
        name, value = f"s{number}", bytes((self._turn % 256,)) * min(size * count, MAX_VALUE_BYTES + 1)
        self.storage.settings.put(name, value)
        self._settings[name] = value

    def do_forget(self, _: str, number: int, *__: int) -> None:
        """Remove a setting."""
        self.storage.settings.remove(f"s{number}")
        self._settings.pop(f"s{number}", None)

    def do_read(self, owner: str, number: int, *_: int) -> None:
        """Read a document."""
        key = _name(owner, number)
        content = self.storage.store.content(key)
        entry = self.storage.store.entry(key)
        if entry is None or hashlib.sha256(content).digest() != entry.digest:
            raise Violation("life", "a document does not match its digest")

    def do_reopen(self, *_: object) -> None:
        """Restart, and check that everything is as before."""
        before, counter = self.entries(), self.storage.store.counter
        self.storage.close()
        self.storage = self._open()
        if self.entries() != before:
            raise Violation("life", "after a restart other documents are on board")
        if self.storage.store.counter < counter:
            raise Violation("life", "the signature counter went back")
        for number in range(len(_NUMBERS)):
            if self.storage.settings.get(f"s{number}") != self._settings.get(f"s{number}"):
                raise Violation("life", "after a restart a setting has changed")


def _content(owner: str, number: int, size: int) -> bytes:
    return hashlib.shake_256(f"{owner} {number}".encode()).digest(size)


def _name(owner: str, number: int, kind: DocumentKind = DocumentKind.FSE) -> DocumentId:
    return DocumentId(owner, _NUMBERS[number % len(_NUMBERS)], kind)


def _load_id(number: int) -> bytes:
    return bytes((number,)) * 16
