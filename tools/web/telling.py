"""A reader of the bench as answers of the API. To be called in the reader's own thread."""

from __future__ import annotations

from tla_sim.protocol.moment import moment_text
from tla_sim.reader_fw.app.software.boot_area import SoftwareDamaged
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.simulator.control.reader_control import ReaderControl
from tla_sim.tools.simulator.control.running_reader import OpenLink, RunningReader
from tla_sim.tools.simulator.control.screens import ScreenShown
from tla_sim.tools.simulator.control.snapshots import SnapshotInfo
from tla_sim.tools.simulator.control.tray import TrayCard
from tla_sim.tools.web.api.answers import Card, Clock, Link, Reader, Screen, Slots, SnapshotTold
from tla_sim.tools.web.api.named import SLOT_WORDS
from tla_sim.tools.web.bench import Shown
from tla_sim.tools.web.event_ids import one_id


def tell_screen(shown: ScreenShown) -> Screen:
    """Return a screen."""
    return Screen(revision=shown.revision, clock=shown.clock_ms, on=shown.on, lines=list(shown.lines))


def tell_card(card: TrayCard) -> Card:
    """Return a card of the tray."""
    return Card(
        name=card.name,
        kind=card.kind.value,
        holder=card.holder,
        slot=None if card.slot is None else SLOT_WORDS[card.slot],
        uploaded=card.uploaded,
    )


def tell_clock(control: ReaderControl, running: RunningReader) -> Clock:
    """Return the clock of a reader."""
    now = control.clock_ms
    iso = moment_text(now).replace(" ", "T")
    return Clock(now=now, iso=iso, rate=running.rate, paused=running.paused)


def tell_link(link: OpenLink) -> Link:
    """Return a served link."""
    return Link(id=str(link.id), link=link.text, url=link.url, address=link.address)


def tell_snapshot(info: SnapshotInfo) -> SnapshotTold:
    """Return a moment that is kept."""
    return SnapshotTold(
        name=info.name,
        clock=info.clock_ms,
        revision=info.revision,
        lines=list(info.lines),
        on=info.on,
        automatic=info.automatic,
        seed=info.origin.seed,
        profile=info.origin.profile,
    )


def tell_reader(control: ReaderControl, shown: Shown, epoch: str) -> Reader:
    """Return a reader as it stands, with the number of the last event that this includes."""
    running, reader = shown.running, control.reader
    board = reader.board
    if reader.on:
        shown.serial = reader.app.serial_number
    try:
        profile = reader.profile
        name, release = profile.name, str(profile.version)
    except SoftwareDamaged:
        name = release = ""
    inside = {slot: tell_card(card) for slot, card in control.slots.items() if card is not None}
    return Reader(
        name=shown.name,
        serial=shown.serial,
        release=release,
        profile=name,
        seed=control.origin.seed,
        on=reader.on,
        plugged=control.plugged,
        clock=tell_clock(control, running),
        battery=board.power.battery,
        tampered=board.tamper.tripped,
        screen=tell_screen(control.screen),
        slots=Slots(ps=inside.get(Slot.PS), vitale=inside.get(Slot.VITALE)),
        links=[tell_link(link) for link in running.links],
        position=one_id(epoch, running.events.last),
        kept=None if shown.kept is None else str(shown.kept),
    )
