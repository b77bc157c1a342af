"""The state of the reference model: cards, links, documents, loads; plain values only."""

from __future__ import annotations

from dataclasses import dataclass, field

from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import SecurityMode
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.version import Version
from tla_sim.tools.cast.people import MORNING
from tla_sim.tools.fuzz.images import ImageFacts, images
from tla_sim.tools.fuzz.players import CardFacts

LATEST = 253_402_300_799_000
"""The last moment that a date can express, in ms: 9999-12-31 23:59:59."""

IDLE_MS = 600_000
"""Without a command for longer, a link forgets its authentication."""

HOLD_MS = 30_000
"""For so long after its last command a link with a load or an authentication keeps others out."""


@dataclass(frozen=True)
class Document:
    """One document on board. `origin` is the digest of what was loaded or prepared, `signer` the PS card."""

    state: InvoiceState
    origin: bytes
    mode: SecurityMode
    signer: str = ""
    version: int = 0


@dataclass
class Link:
    """One cable's session. `verified` and `channel` are numbers of PS insertions, from 1; 0 is none."""

    last_ms: int = 0
    verified: int = 0
    channel: int = 0
    load: tuple[str, bytes, int] | None = None
    given: dict[DocumentId, int] = field(default_factory=dict)
    last_given: tuple[DocumentId, ...] = ()

    def forget_code(self) -> None:
        """End the authentication."""
        self.verified = self.channel = 0
        self.given.clear()
        self.last_given = ()

    def reset(self) -> None:
        """Begin a new session."""
        self.forget_code()
        self.load = None


@dataclass(frozen=True)
class Staged:
    """One document of a load that is not committed yet."""

    id: DocumentId
    origin: bytes
    mode: SecurityMode


@dataclass
class Owner:
    """One owner: the load that is arriving, the last committed one, and the pairs of cards that met."""

    stage_id: bytes = b""
    staged: dict[int, Staged] = field(default_factory=dict)
    committed: tuple[bytes, int] | None = None
    met: list[tuple[str, str]] = field(default_factory=list)

    def has_committed(self, load_id: bytes) -> bool:
        """Return whether this load was committed last: doing it again changes nothing."""
        return self.committed is not None and self.committed[0] == load_id

    def staged_of(self, load_id: bytes) -> dict[int, Staged]:
        """Return what has arrived of a load, by position; nothing of any other than the last one."""
        return self.staged if self.stage_id == load_id else {}

    def note_met(self, vitale: str, ps: str) -> None:
        """Note which PS card met a Vitale last."""
        self.met = [each for each in self.met if each[0] != vitale] + [(vitale, ps)]


@dataclass
class State:
    """The reader as the rules see it."""

    max_owners: int
    max_documents: int
    now: int = MORNING
    offset: int = 0
    tampered: bool = False
    ps: CardFacts | None = None
    ps_insertion: int = 0
    ps_insertions: int = 0
    vitale: CardFacts | None = None
    card_knows_code: bool = False
    tries: dict[str, int] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)
    documents: dict[DocumentId, Document] = field(default_factory=dict)
    owners: dict[str, Owner] = field(default_factory=dict)
    versions: int = 0
    running: ImageFacts = field(default_factory=lambda: images()["running"])
    spare: dict[int, bytes] = field(default_factory=dict)
    """The chunks in the bank that does not run, by position; any image with the same ones can use them."""

    coming: ImageFacts | None = None
    floor: Version = field(default_factory=lambda: images()["running"].floor)

    @property
    def moment(self) -> int:
        """The reader's date and time."""
        return min(self.now + self.offset, LATEST)

    def switch_off(self) -> None:
        """Switch off or restart: sessions, codes and a begun update are lost."""
        self.card_knows_code = False
        self.coming = None
        for link in self.links.values():
            link.reset()

    def owner(self, name: str) -> Owner:
        """Return what is known of an owner, blank for a new one."""
        return self.owners.get(name) or Owner()

    def is_active(self, name: str) -> bool:
        """Return whether documents of this owner are on board or arriving."""
        known = self.owners.get(name)
        return (known is not None and bool(known.staged)) or any(key.owner == name for key in self.documents)

    def drop_if_empty(self, name: str) -> None:
        """Forget an owner that has nothing left, and its last load."""
        known = self.owners.get(name)
        if known is not None and not known.met and not self.is_active(name):
            del self.owners[name]

    def remove(self, key: DocumentId) -> None:
        """Remove a document."""
        del self.documents[key]
        self.drop_if_empty(key.owner)

    def erase(self, name: str) -> None:
        """Remove all of an owner."""
        self.documents = {key: each for key, each in self.documents.items() if key.owner != name}
        self.owners.pop(name, None)

    def has_room_in(self, image: ImageFacts) -> bool:
        """Return whether what is on board fits into the limits of an image."""
        owners = sum(self.is_active(name) for name in self._known())
        return owners <= image.max_owners and len(self.documents) <= image.max_documents

    def fresh_version(self) -> int:
        """Return a new number for new content."""
        self.versions += 1
        return self.versions

    def admits(self, name: str, load_id: bytes, count: int) -> str:
        """Return why `count` more documents of an owner do not fit: "owners", "documents", or nothing."""
        others = sum(self.is_active(each) for each in self._known() if each != name)
        if others >= self.max_owners:
            return "owners"
        staged = sum(len(each.staged) for each in self.owners.values())
        known = self.owners.get(name)
        if known is not None and known.stage_id != load_id:
            staged -= len(known.staged)
        return "documents" if len(self.documents) + staged + count > self.max_documents else ""

    def _known(self) -> dict[str, None]:
        return dict.fromkeys((*self.owners, *(key.owner for key in self.documents)))
