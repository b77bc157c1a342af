"""The reader's identity, configuration, clock and state of health.

Source: Project-defined, after the SSV functions named.
"""

from __future__ import annotations

from dataclasses import dataclass

from tla_sim.protocol.commands.declaration import EMPTY, Command, Empty
from tla_sim.protocol.commands.instructions import Ins
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.wire.forms import Differs, Holds
from tla_sim.protocol.wire.record import (
    Record,
    blob16,
    boolean,
    string,
    u8,
    u16,
    u32,
    u64,
)


@dataclass(frozen=True)
class Identity:
    """What identifies the reader, its software and its limits."""

    manufacturer: str = string("manufacturer")
    reader_type: str = string("type of reader")
    serial_number: str = string("serial number", differs=Differs.BY_RUN)
    operating_system: str = string("operating system")
    major: int = u8("major version of the reader software")
    minor: int = u8("minor version of the reader software")
    cdc_major: int = u8("major version of the CDC it follows")
    cdc_minor: int = u8("minor version of the CDC it follows")
    capabilities: int = u32("mask of Capability", Holds.CAPABILITIES)
    max_owners: int = u16("owners whose invoices it takes")
    max_invoices: int = u16("invoices it takes")


IDENTIFY = Command(
    Ins.IDENTIFY,
    "Identify the reader, the version that it runs and its capabilities.",
    EMPTY,
    Record(Identity),
    ssv="SSV_IdentifierTLA",
    vectors=(
        (Empty(), ""),
        (
            Identity("TLA-SIM", "TLA", "S1", "SIM", 1, 40, 1, 40, 3, 16, 1000),
            "07544C412D53494D03544C410253310353494D0128012800000003001003E8",
        ),
    ),
)


@dataclass(frozen=True)
class Configuration:
    """Group 61, one occurrence per software component."""

    groups: bytes = blob16("SSV groups", Holds.GROUPS)


READ_CONFIGURATION = Command(
    Ins.READ_CONFIGURATION,
    "Return the reader's configuration, group 61, one occurrence per component.",
    EMPTY,
    Record(Configuration),
    ssv="SSV_LireConfig",
    vectors=((Configuration(b"\0\0"), "00020000"),),
)


@dataclass(frozen=True)
class Moment:
    """A date and time."""

    moment: int = u64("milliseconds since 1970-01-01 00:00, reader local time", Holds.MOMENT)


READ_CLOCK = Command(
    Ins.READ_CLOCK,
    "Return the reader's date and time.",
    EMPTY,
    Record(Moment),
    ssv="SSV_LireDateLecteur",
    vectors=((Moment(1_551_776_400_000), "000001694D14C280"),),
)

SET_CLOCK = Command(
    Ins.SET_CLOCK,
    "Set the reader's date and time, and return what it showed before.",
    Record(Moment),
    Record(Moment),
    ssv="SSV_MajDateLecteur",
    errors=(Status.NO_FREE_SLOT,),
    changes=True,
    vectors=((Moment(1), "0000000000000001"),),
)


@dataclass(frozen=True)
class Diagnostics:
    """The reader's state of health."""

    ps_card: bool = boolean("a card is in the PS slot")
    vitale_card: bool = boolean("a card is in the Vitale slot")
    signature_counter: int = u64(
        "signatures given so far, including values skipped by power cuts", differs=Differs.BY_RUN
    )
    boots: int = u32("times the reader was switched on", differs=Differs.BY_RUN)
    battery: int = u8("battery in per cent", differs=Differs.BY_RUN)
    tamper: bool = boolean("the case has been opened")
    owners: int = u16("owners with invoices on board")
    invoices: int = u16("invoices on board")
    max_invoices: int = u16("invoices it takes")
    free_bytes: int = u32("free flash in bytes", differs=Differs.BY_RUN)
    total_bytes: int = u32("flash in bytes")
    max_wear: int = u32("most erasures of one flash sector", differs=Differs.BY_RUN)
    damaged: int = u16("records found unreadable")


DIAGNOSTICS = Command(
    Ins.DIAGNOSTICS,
    "Report slots, counters, battery, tamper flag, memory and wear.",
    EMPTY,
    Record(Diagnostics),
    vectors=(
        (
            Diagnostics(True, False, 7, 2, 90, False, 1, 4, 1000, 4096, 8192, 3, 0),
            "01000000000000000007000000025A000001000403E80000100000002000000000030000",
        ),
    ),
)
