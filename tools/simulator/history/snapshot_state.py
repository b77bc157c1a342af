"""What a snapshot file holds, as pydantic models, and how a snapshot is made of it. Project-defined."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from tla_sim.protocol.moment import LATEST_MOMENT
from tla_sim.reader_fw.board.board import DEVICE_KEY_BYTES
from tla_sim.reader_fw.board.display import COLUMNS
from tla_sim.reader_fw.board.entropy import EntropyState
from tla_sim.reader_fw.board.flash import SECTOR_SIZE, image_bytes
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.faults.cards import ContactState
from tla_sim.tools.faults.flash import FlashFaultsState
from tla_sim.tools.faults.kinds import Counted
from tla_sim.tools.faults.plan import Fault, FaultPlan
from tla_sim.tools.faults.striking import StrikesState
from tla_sim.tools.simulator.history.cold_image import ChipState, ColdImage, Origin, PortState, SlotState
from tla_sim.tools.simulator.history.flash_copy import FlashCopy
from tla_sim.tools.simulator.history.input_log import MAX_STEPS, count_steps
from tla_sim.tools.simulator.history.shown import Shown
from tla_sim.tools.simulator.history.snapshot import Snapshot
from tla_sim.tools.simulator.history.tapes import Tapes

HOLDS: Final = "test keys of the cards and of the reader"
_HASH: Final = 32
_MAX_FLASH: Final = 256 * 1024 * 1024

Natural = Annotated[int, Field(ge=0, le=2**63)]
ClockTime = Annotated[int, Field(ge=0, le=LATEST_MOMENT)]
Percent = Annotated[int, Field(ge=0, le=100)]
Text = Annotated[str, Field(max_length=4_096)]
Line = Annotated[str, Field(min_length=COLUMNS, max_length=COLUMNS)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Header(_Model):
    """What a snapshot is, for whoever looks at the file. `version` is that of the software that wrote it.

    `seed` and `profile` are what the reader began with, `release` is the software that was installed in it
    when the snapshot was taken; `None` is what nobody knows.
    """

    holds: Literal["test keys of the cards and of the reader"] = HOLDS
    version: Text
    name: Text
    profile: Text | None
    release: Text | None
    flash_bytes: Annotated[int, Field(gt=0, le=_MAX_FLASH, multiple_of=SECTOR_SIZE)]
    sector_bytes: Literal[4096] = SECTOR_SIZE
    seed: int | None
    clock_ms: ClockTime
    on: bool
    screen: Annotated[list[Line], Field(min_length=4, max_length=4)]


class ChipPart(_Model):
    """A card whose memory takes `size` bytes."""

    number: Natural
    name: Text
    size: Natural


class SlotPart(_Model):
    """A slot; `chip` is -1 for none."""

    chip: Annotated[int, Field(ge=-1)]
    insertions: Natural
    commands: Natural
    protocol: int | None
    mute: bool
    gone: bool
    late: Natural


class PortPart(_Model):
    """A cable; `protocols` are pairs of logical device and protocol."""

    number: Natural
    name: Text
    last_ms: Natural
    protocols: list[Annotated[list[Natural], Field(min_length=2, max_length=2)]]


class FaultsPart(_Model):
    """A fault plan in progress, and what faults did to the flash."""

    plan: str
    pending: list[str]
    struck: list[str]
    counts: Annotated[list[Natural], Field(min_length=len(Counted), max_length=len(Counted))]
    off: bool
    worn: list[Natural]
    full_for: Natural


class State(_Model):
    """All but the bytes, of which it gives the lengths.

    `delivered` is the profile of the software that a flash without any runs; in format 1 it is the header's.
    """

    delivered: Text = ""
    seed_size: Annotated[int, Field(gt=0, le=1_024)]
    random_given: Natural
    flash_size: Natural
    image_bytes: Natural
    flash_crc: Natural
    inputs_size: Natural
    steps: Annotated[int, Field(ge=0, le=MAX_STEPS)]
    hashes: Natural
    failed: list[Natural]
    chips: list[ChipPart]
    cold_ms: ClockTime
    ahead_ms: Natural
    battery: Percent
    slots: dict[Literal["PS", "VITALE"], SlotPart]
    movements: Natural
    ports: list[PortPart]
    faults: FaultsPart
    used_counter: Natural
    comes_back_ms: Natural | None
    dark_since: Natural | None


def header_of(snapshot: Snapshot, version: str) -> Header:
    """Return the header of a snapshot's file."""
    cold, shown = snapshot.cold, snapshot.shown
    return Header(
        version=version,
        name=snapshot.name,
        profile=cold.origin.profile,
        release=snapshot.installed,
        flash_bytes=cold.flash.array_bytes,
        seed=cold.origin.seed,
        clock_ms=shown.clock_ms,
        on=shown.on,
        screen=list(shown.lines),
    )


def state_of(snapshot: Snapshot) -> tuple[State, tuple[bytes, ...]]:
    """Return the state in a snapshot's file, and the bytes behind it."""
    cold = snapshot.cold
    seed = cold.entropy.seed
    state = State(
        delivered=cold.profile,
        seed_size=len(seed),
        random_given=cold.entropy.given,
        flash_size=len(cold.flash.packed),
        image_bytes=cold.flash.image_bytes,
        flash_crc=snapshot.shown.flash_crc,
        inputs_size=len(snapshot.packed),
        steps=snapshot.steps,
        hashes=len(snapshot.tapes.hashes),
        failed=list(snapshot.tapes.failed),
        chips=[ChipPart(number=chip.number, name=chip.name, size=len(chip.image)) for chip in cold.chips],
        cold_ms=cold.clock_ms,
        ahead_ms=cold.ahead_ms,
        battery=cold.battery,
        slots={slot.value: _slot_part(state) for slot, state in cold.slots.items()},
        movements=cold.movements,
        ports=[
            PortPart(
                number=port.number,
                name=port.name,
                last_ms=port.last_ms,
                protocols=[list(pair) for pair in port.protocols],
            )
            for port in cold.ports
        ],
        faults=_faults_part(cold),
        used_counter=cold.used_counter,
        comes_back_ms=cold.comes_back_ms,
        dark_since=cold.dark_since,
    )
    images = (chip.image for chip in cold.chips)
    return state, (cold.device_key, seed, cold.flash.packed, snapshot.packed, *snapshot.tapes.hashes, *images)


def cold_of(header: Header, state: State, blobs: bytes) -> Snapshot:
    """Return the snapshot of a file's header, state and bytes.

    Raises ValueError, CodecError or PlanMalformed when they contradict each other.
    """
    sizes = [DEVICE_KEY_BYTES, state.seed_size, state.flash_size, state.inputs_size]
    sizes += [_HASH] * state.hashes if state.hashes * _HASH <= len(blobs) else [len(blobs) + 1]
    parts = _cut(blobs, [*sizes, *(chip.size for chip in state.chips)])
    key, seed, flash, packed = (next(parts) for _ in range(4))
    hashes = tuple(next(parts) for _ in range(state.hashes))
    slots = {slot: _slot_state(state.slots.get(slot.value)) for slot in Slot}
    cold = ColdImage(
        profile=state.delivered or header.profile or "",
        origin=Origin(header.seed, header.profile),
        flash=FlashCopy(header.flash_bytes, state.image_bytes, flash),
        device_key=key,
        clock_ms=state.cold_ms,
        ahead_ms=state.ahead_ms,
        battery=state.battery,
        entropy=EntropyState(seed, state.random_given),
        chips=tuple(ChipState(chip.number, chip.name, next(parts)) for chip in state.chips),
        slots=slots,
        movements=state.movements,
        ports=tuple(
            PortState(
                port.number, port.name, port.last_ms, tuple((pair[0], pair[1]) for pair in port.protocols)
            )
            for port in state.ports
        ),
        strikes=_strikes_state(state.faults),
        flash_faults=FlashFaultsState(state.faults.off, tuple(state.faults.worn), state.faults.full_for),
        used_counter=state.used_counter,
        comes_back_ms=state.comes_back_ms,
        dark_since=state.dark_since,
    )
    if state.image_bytes != image_bytes(header.flash_bytes):
        raise ValueError("the flash has another size")
    if any(slot.chip not in (-1, *(chip.number for chip in cold.chips)) for slot in slots.values()):
        raise ValueError("a slot has a card that is not there")
    if count_steps(packed) != state.steps:
        raise ValueError("the number of inputs is another")
    shown = Shown(header.clock_ms, header.on, tuple(header.screen), state.flash_crc)
    tapes = Tapes(hashes, tuple(state.failed))
    return Snapshot(header.name, cold, packed, state.steps, tapes, shown, header.release)


def _cut(blobs: bytes, sizes: list[int]) -> Iterator[bytes]:
    if sum(sizes) != len(blobs):
        raise ValueError("the bytes are not as many as the state says")
    at = 0
    for size in sizes:
        yield blobs[at : at + size]
        at += size


def _slot_part(state: SlotState) -> SlotPart:
    contacts = state.contacts
    return SlotPart(
        chip=state.chip,
        insertions=state.insertions,
        commands=state.commands,
        protocol=contacts.protocol,
        mute=contacts.mute,
        gone=contacts.gone,
        late=contacts.late,
    )


def _slot_state(part: SlotPart | None) -> SlotState:
    if part is None:
        raise ValueError("a slot is missing")
    contacts = ContactState(part.protocol, part.mute, part.gone, part.late)
    return SlotState(part.chip, part.insertions, part.commands, contacts)


def _faults_part(cold: ColdImage) -> FaultsPart:
    strikes, flash = cold.strikes, cold.flash_faults
    return FaultsPart(
        plan=str(strikes.plan),
        pending=[str(fault) for fault in strikes.pending],
        struck=[str(fault) for fault in strikes.struck],
        counts=list(strikes.counts),
        off=flash.off,
        worn=list(flash.worn),
        full_for=flash.full_for,
    )


def _strikes_state(part: FaultsPart) -> StrikesState:
    return StrikesState(
        FaultPlan.parse(part.plan),
        tuple(_fault(text) for text in part.pending),
        tuple(_fault(text) for text in part.struck),
        tuple(part.counts),
    )


def _fault(text: str) -> Fault:
    faults = FaultPlan.parse(text).faults
    if len(faults) != 1:
        raise ValueError("one fault is expected")
    return faults[0]
