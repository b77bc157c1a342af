"""Handlers of the commands that replace the reader's software: open, take block by block, activate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tla_sim.protocol.commands.updating import (
    ACTIVATE_UPDATE,
    OPEN_UPDATE,
    UPDATE_BLOCK,
    ActivatedUpdate,
    UpdateActivation,
    UpdateBlock,
    UpdateOpened,
    UpdateOpening,
    UpdateProgress,
)
from tla_sim.protocol.documents.load import bitmap_of
from tla_sim.protocol.firmware import MAX_CHUNKS
from tla_sim.reader_fw.app.handlers.handler import Handled, bind_handler

if TYPE_CHECKING:
    from tla_sim.reader_fw.app.log_sv import LogSv
    from tla_sim.reader_fw.app.session import Session


def open_update(app: LogSv, _: Session, request: UpdateOpening) -> UpdateOpened:
    """Begin or resume an update, and return which chunks are here."""
    app.check_housing()
    present = app.firmware.open(request.head, *_on_board(app))
    return UpdateOpened(bitmap_of(present, MAX_CHUNKS))


def update_block(app: LogSv, _: Session, request: UpdateBlock) -> UpdateProgress:
    """Store one chunk, and return how many are here."""
    app.check_housing()
    return UpdateProgress(app.firmware.write(request.position, request.content))


def activate_update(app: LogSv, _: Session, request: UpdateActivation) -> ActivatedUpdate:
    """Activate the stored image, and return its version; the reader restarts once this is answered."""
    app.check_housing()
    manifest = app.firmware.activate(request.image_id, *_on_board(app)).manifest
    return ActivatedUpdate(manifest.major, manifest.minor)


def _on_board(app: LogSv) -> tuple[int, int]:
    capacity = app.store.capacity()
    return capacity.owners, capacity.documents


HANDLED: Final[tuple[Handled, ...]] = (
    bind_handler(OPEN_UPDATE, open_update),
    bind_handler(UPDATE_BLOCK, update_block),
    bind_handler(ACTIVATE_UPDATE, activate_update),
)
"""The commands of this topic, each with its handler."""
