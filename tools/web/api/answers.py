"""What the API tells of a reader."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tla_sim.tools.web.api.model import Told
from tla_sim.tools.web.api.named import SlotWord

KindWord = Literal["cps", "cpe", "cpf", "vitale"]

Milliseconds = Annotated[int, Field(ge=0)]
Revision = Annotated[int, Field(ge=0, description="Grows by each screen that differs from the one before.")]
Line = Annotated[str, Field(min_length=20, max_length=20)]


class Screen(Told):
    """A settled screen: four lines of 20 characters, and the reader's clock when it was first shown.

    After going back it is one more screen, which is first shown at the moment gone back to.
    """

    revision: Revision
    clock: Milliseconds
    on: bool
    lines: Annotated[list[Line], Field(min_length=4, max_length=4)]


class Screens(Told):
    """Settled screens, the oldest first."""

    screens: list[Screen]


class Card(Told):
    """A card of the tray; `slot` is where it is in the reader."""

    name: str
    kind: KindWord
    holder: str
    slot: SlotWord | None
    uploaded: bool


class Clock(Told):
    """The reader's clock: local time in ms since 1970-01-01 00:00, and how fast it goes.

    `rate` multiplies real time; 0 skips to whatever is due.
    """

    now: Milliseconds
    iso: str
    rate: Annotated[int, Field(ge=0, le=1000)]
    paused: bool


class Link(Told):
    """A way to reach the reader from outside; `url` is what a host opens."""

    id: str
    link: str
    url: str
    address: str


class Slots(Told):
    """The cards in the two slots."""

    ps: Card | None
    vitale: Card | None


class Reader(Told):
    """A reader as it stands.

    `seed` is what its random bytes follow from: that of the snapshot if it was restored from one, null if
    nobody knows. `position` is the number of the last event that this includes, `kept` the state directory,
    if it has one.
    """

    name: str
    serial: str
    release: str
    profile: str
    seed: int | None
    on: bool
    plugged: bool
    clock: Clock
    battery: Annotated[int, Field(ge=0, le=100)]
    tampered: bool
    screen: Screen
    slots: Slots
    links: list[Link]
    position: str
    kept: str | None


class Readers(Told):
    """Every reader of the server, and the id from which to follow the events of all."""

    readers: list[Reader]
    position: str


class Cards(Told):
    """The tray of a reader."""

    cards: list[Card]


class Links(Told):
    """The served links of a reader."""

    links: list[Link]


class Status(Told):
    """The server: its version, the names of its readers, and the epoch of its events (one a start)."""

    version: str
    epoch: str
    readers: list[str]


class ProfileInfo(Told):
    """A version of the reader's software."""

    name: str
    release: str
    text: str


class Profiles(Told):
    """The versions of the reader's software that a reader can be made with."""

    profiles: list[ProfileInfo]


class CommandInfo(Told):
    """A command of the reader's software: its name, its instruction byte as two hex digits, what it does."""

    name: str
    instruction: str
    text: str


class Commands(Told):
    """The commands of the reader's software."""

    commands: list[CommandInfo]


class FaultValueTold(Told):
    """A value that a kind of fault takes, and what it means."""

    value: str
    text: str


class FaultKindTold(Told):
    """A kind of fault: where it strikes, what the number after `@` counts (empty: none), its usual value.

    `values` are all that it takes, where they can be listed.
    """

    name: str
    where: str
    counted: str
    usual: str
    values: list[FaultValueTold]
    text: str


class FaultKinds(Told):
    """The kinds of faults."""

    kinds: list[FaultKindTold]


class FaultsTold(Told):
    """The faults of a reader, in the notation of plans."""

    pending: list[str]
    struck: list[str]


class SnapshotTold(Told):
    """A moment that is kept: the reader's clock and screen then.

    `revision` is that of the screen, 0 for a snapshot that came from elsewhere. An `automatic` one was made
    before the reader went elsewhere in time. `seed` and `profile` are what the reader began with, null if
    nobody knows.
    """

    name: str
    clock: Milliseconds
    revision: int
    lines: list[str]
    on: bool
    automatic: bool
    seed: int | None
    profile: str | None


class Snapshots(Told):
    """The moments that are kept of a reader."""

    snapshots: list[SnapshotTold]
