"""The instructions of the reader's own software, Log_SV: their bytes, and which versions have them.

The dispatch finds a command, or that a version lacks it, from here alone and without importing every topic.
What travels with each is declared by topic in the modules beside this one. Numbers are Project-defined.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Self

from tla_sim.protocol.commands.capability import Capability
from tla_sim.protocol.version import V1_31, V1_40, Version


class Topic(StrEnum):
    """A topic of commands, which names the module of their declarations and that of their handlers."""

    IDENTITY = "identity"
    CARDS = "cards"
    LOADING = "loading"
    UNLOADING = "unloading"
    CERTIFYING = "certifying"
    UPDATING = "updating"


class Ins(IntEnum):
    """One instruction byte: its topic, the first version that has it, and the capability it depends on."""

    topic: Topic
    since: Version
    capability: Capability | None

    def __new__(
        cls, byte: int, topic: Topic, since: Version = V1_31, capability: Capability | None = None
    ) -> Self:
        member = int.__new__(cls, byte)
        member._value_ = byte
        member.topic = topic
        member.since = since
        member.capability = capability
        return member

    IDENTIFY = 0x10, Topic.IDENTITY
    READ_CONFIGURATION = 0x12, Topic.IDENTITY
    READ_CLOCK = 0x14, Topic.IDENTITY
    SET_CLOCK = 0x16, Topic.IDENTITY
    DIAGNOSTICS = 0x18, Topic.IDENTITY
    READ_PS_CARD = 0x20, Topic.CARDS
    READ_VITALE = 0x22, Topic.CARDS
    VERIFY_CODE = 0x24, Topic.CARDS
    OPEN_LOAD = 0x30, Topic.LOADING
    LOAD_INVOICE = 0x32, Topic.LOADING
    COMMIT_LOAD = 0x34, Topic.LOADING
    LIST_INVOICES = 0x40, Topic.LOADING
    UNLOAD_FSE = 0x42, Topic.UNLOADING
    ACKNOWLEDGE_FSE = 0x44, Topic.UNLOADING
    ERASE = 0x46, Topic.UNLOADING
    UNLOAD_BENEFICIARIES = 0x48, Topic.UNLOADING
    CERTIFY = 0x50, Topic.CERTIFYING, V1_40, Capability.DESK_CERTIFICATION
    SIGN_FINAL = 0x52, Topic.CERTIFYING, V1_40
    SIGN_LOT = 0x54, Topic.CERTIFYING, V1_40
    OPEN_UPDATE = 0x60, Topic.UPDATING, V1_31, Capability.UPDATE
    UPDATE_BLOCK = 0x62, Topic.UPDATING, V1_31, Capability.UPDATE
    ACTIVATE_UPDATE = 0x64, Topic.UPDATING, V1_31, Capability.UPDATE

    @classmethod
    def of(cls, byte: int) -> Ins | None:
        """Return the instruction of a byte, `None` if there is none."""
        return _BY_BYTE.get(byte)


_BY_BYTE = {int(instruction): instruction for instruction in Ins}
