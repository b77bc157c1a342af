"""Handlers of the commands about the reader itself: identity, configuration, clock, diagnostics."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from tla_sim.protocol.commands.declaration import Empty
from tla_sim.protocol.commands.identity import (
    DIAGNOSTICS,
    IDENTIFY,
    READ_CLOCK,
    READ_CONFIGURATION,
    SET_CLOCK,
    Configuration,
    Diagnostics,
    Identity,
    Moment,
)
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.firmware import TARGET
from tla_sim.protocol.groups.declaration import encode_typed
from tla_sim.protocol.groups.reader import ReaderConfiguration
from tla_sim.protocol.moment import LATEST_MOMENT
from tla_sim.reader_fw.app.handlers.handler import Handled, bind_handler
from tla_sim.reader_fw.app.refusal import Refusal

if TYPE_CHECKING:
    from tla_sim.reader_fw.app.log_sv import LogSv
    from tla_sim.reader_fw.app.session import Session

MANUFACTURER: Final = "TLA-SIM"
READER_TYPE: Final = TARGET
OPERATING_SYSTEM: Final = "TLA-SIM board 1"


def identify(app: LogSv, _: Session, __: Empty) -> Identity:
    """Return the identity of the reader and its software."""
    profile = app.profile
    return Identity(
        MANUFACTURER,
        READER_TYPE,
        app.serial_number,
        OPERATING_SYSTEM,
        profile.version.major,
        profile.version.minor,
        profile.cdc.major,
        profile.cdc.minor,
        profile.capability_mask,
        profile.max_owners,
        profile.max_documents,
    )


def read_configuration(app: LogSv, _: Session, __: Empty) -> Configuration:
    """Return group 61, one occurrence per component."""
    moment = datetime.fromtimestamp(app.moment() // 1000, UTC).replace(tzinfo=None)
    components = list(app.firmware.components())
    groups = [
        ReaderConfiguration(
            manufacturer=MANUFACTURER,
            reader_type=READER_TYPE,
            serial_number=app.serial_number,
            operating_system=OPERATING_SYSTEM,
            component_count=len(components),
            component_name=component.name,
            component_version=component.version,
            reader_moment=moment,
            component_checksum=f"{checksum:08X}",
            component_date=component.day,
        )
        for component, checksum in components
    ]
    return Configuration(encode_typed(groups))


def read_clock(app: LogSv, _: Session, __: Empty) -> Moment:
    """Return the reader's date and time."""
    return Moment(max(app.moment(), 0))


def set_clock(app: LogSv, _: Session, request: Moment) -> Moment:
    """Set the clock, and return what it showed before."""
    if request.moment > LATEST_MOMENT:
        raise Refusal(Status.WRONG_DATA)
    before = Moment(max(app.moment(), 0))
    app.set_moment(request.moment)
    return before


def diagnostics(app: LogSv, _: Session, __: Empty) -> Diagnostics:
    """Return the reader's state of health."""
    board = app.board
    capacity = app.store.capacity()
    return Diagnostics(
        ps_card=app.cards.ps_insertion != 0,
        vitale_card=app.cards.vitale_insertion != 0,
        signature_counter=app.store.counter,
        boots=app.boots,
        battery=board.power.battery,
        tamper=board.tamper.tripped,
        owners=capacity.owners,
        invoices=capacity.documents,
        max_invoices=app.profile.max_documents,
        free_bytes=capacity.free_bytes,
        total_bytes=capacity.total_bytes,
        max_wear=board.flash.max_wear,
        damaged=capacity.damaged,
    )


HANDLED: Final[tuple[Handled, ...]] = (
    bind_handler(IDENTIFY, identify),
    bind_handler(READ_CONFIGURATION, read_configuration),
    bind_handler(READ_CLOCK, read_clock),
    bind_handler(SET_CLOCK, set_clock),
    bind_handler(DIAGNOSTICS, diagnostics),
)
"""The commands of this topic, each with its handler."""
