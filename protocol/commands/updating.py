"""Replacing the reader's software: open, block by block, activate.

Source: Project-defined, after the SSV functions named.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tla_sim.protocol.commands.declaration import Command
from tla_sim.protocol.commands.instructions import Ins
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.wire.record import (
    Record,
    blob16,
    fixed,
    u8,
    u16,
)

_BEGUN_UPDATE: Final = (Status.TAMPERED, Status.CONDITIONS_NOT_SATISFIED)
"""What the commands after `open_update` may answer."""


@dataclass(frozen=True)
class UpdateOpening:
    """The software that follows. Opening the same image again resumes it."""

    head: bytes = blob16("signed manifest of the image, as the image file begins")


@dataclass(frozen=True)
class UpdateOpened:
    """The part of this image that the reader already has."""

    present: bytes = blob16("bitmap, chunk 0 in bit 0 of the first byte: 1 when already here")


OPEN_UPDATE = Command(
    Ins.OPEN_UPDATE,
    "Begin or resume an update of the reader software; what runs and what is on board stay as they are.",
    Record(UpdateOpening),
    Record(UpdateOpened),
    ssv="SSV_ChargerAppli",
    errors=(
        Status.TAMPERED,
        Status.IMAGE_INVALID,
        Status.IMAGE_FOREIGN,
        Status.VERSION_REFUSED,
        Status.INVOICES_ON_BOARD,
    ),
    changes=True,
    vectors=((UpdateOpening(b"ab"), "00026162"), (UpdateOpened(b"\x05\x00"), "00020500")),
)


@dataclass(frozen=True)
class UpdateBlock:
    """One chunk of the software."""

    position: int = u16("position of the chunk in the image, from 0")
    content: bytes = blob16("its bytes, 4,096 or, in the last one, fewer")


@dataclass(frozen=True)
class UpdateProgress:
    """The progress of the update."""

    present: int = u16("chunks of the image the reader now has")


UPDATE_BLOCK = Command(
    Ins.UPDATE_BLOCK,
    "Store one chunk of the open update, checked against its signed manifest.",
    Record(UpdateBlock),
    Record(UpdateProgress),
    ssv="SSV_ChargerAppli",
    errors=(*_BEGUN_UPDATE, Status.DIGEST_MISMATCH),
    changes=True,
    vectors=((UpdateBlock(3, b"ab"), "000300026162"), (UpdateProgress(4), "0004")),
)


@dataclass(frozen=True)
class UpdateActivation:
    """The image to run."""

    image_id: bytes = fixed(32, "SHA-256 of its signed manifest")


@dataclass(frozen=True)
class ActivatedUpdate:
    """The version that the reader runs from now on."""

    major: int = u8("major version")
    minor: int = u8("minor version")


ACTIVATE_UPDATE = Command(
    Ins.ACTIVATE_UPDATE,
    "Check the whole image and run it; the reader restarts once it has answered.",
    Record(UpdateActivation),
    Record(ActivatedUpdate),
    ssv="SSV_ChargerAppli",
    errors=(*_BEGUN_UPDATE, Status.IMAGE_INVALID, Status.INVOICES_ON_BOARD),
    changes=True,
    vectors=((UpdateActivation(bytes(32)), "00" * 32), (ActivatedUpdate(1, 40), "0128")),
)
