"""A flash with a storage on it, to load, cut, and look at from outside: shared by the tests of the store."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from tla_sim.protocol.documents.document import Document
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.documents.kinds import DocumentKind
from tla_sim.reader_fw.app.store.invoice_store import (
    CertifiedDocument,
    InvoiceStore,
    Limits,
    StagedInvoice,
)
from tla_sim.reader_fw.app.store.storage import Storage, open_storage
from tla_sim.reader_fw.board.board import SAMPLE_DEVICE_KEY
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.board.flash import SECTOR_SIZE, NorFlash, blank_image

SMALL = 64 * SECTOR_SIZE
LIMITS = Limits(owners=3, documents=60, signature_bytes=2_000)

Shown = dict[DocumentId, tuple[InvoiceState, bytes]]


def small_flash() -> NorFlash:
    """A blank flash of 256 KiB."""
    return NorFlash(blank_image(SMALL))


def start(flash: NorFlash, seed: int = 1, limits: Limits = LIMITS) -> Storage:
    """Open the storage as a reader does when it is switched on."""
    return open_storage(flash, SAMPLE_DEVICE_KEY, SeededEntropy(seed), limits)


def key(owner: str, number: str, kind: DocumentKind = DocumentKind.FSE) -> DocumentId:
    """A document's key; an FSE's unless told otherwise."""
    return DocumentId(owner, number, kind)


def content(name: str, size: int = 900) -> bytes:
    """Bytes that only this name has."""
    return hashlib.shake_256(name.encode()).digest(size)


def load_id(name: str) -> bytes:
    """A load's identifier."""
    return hashlib.sha256(name.encode()).digest()[:16]


def digest(data: bytes) -> bytes:
    """What an acknowledgement must show."""
    return hashlib.sha256(data).digest()


def staged(owner: str, *numbers: str, first: int = 0, size: int = 900) -> list[StagedInvoice]:
    """Documents of a load, by number, from position `first` on."""
    return [
        StagedInvoice(position, key(owner, number), Document(content(owner + number, size)))
        for position, number in enumerate(numbers, first)
    ]


def load(store: InvoiceStore, owner: str, *numbers: str, size: int = 900) -> list[DocumentId]:
    """Load documents whole, in one batch."""
    name = load_id(owner + " ".join(numbers))
    store.stage(owner, name, staged(owner, *numbers, size=size))
    store.commit(owner, name, len(numbers))
    return [key(owner, number) for number in numbers]


def signed(
    document: DocumentId, state: InvoiceState = InvoiceState.PARTIAL, size: int = 2_500
) -> CertifiedDocument:
    """A document with what stands for its signatures."""
    return CertifiedDocument(document, state, Document(content(f"signed {document.name}", size)))


def shown(store: InvoiceStore) -> Shown:
    """All documents with their contents, as the outside sees them."""
    return {entry.key: (entry.state, store.content(entry.key)) for entry in store.entries()}


@dataclass
class Bench:
    """A flash and the storage that runs on it."""

    flash: NorFlash
    storage: Storage

    @classmethod
    def new(cls, flash: NorFlash | None = None, limits: Limits = LIMITS) -> Bench:
        """A storage on a blank small flash, or on the one given."""
        flash = flash or small_flash()
        return cls(flash, start(flash, limits=limits))

    @property
    def store(self) -> InvoiceStore:
        """The invoice store."""
        return self.storage.store

    def looks(self) -> Iterator[InvoiceStore]:
        """The store as it is, then as it comes up after a power cycle."""
        yield self.store
        yield self.power_cycle()

    def power_cycle(self, seed: int = 2) -> InvoiceStore:
        """Switch off and on; the store as it comes up."""
        limits = self.store.limits
        self.storage.close()
        self.storage = start(self.flash, seed, limits)
        return self.storage.store
