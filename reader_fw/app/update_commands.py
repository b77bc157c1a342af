"""Updating the reader's own software: open, take in block by block, activate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tla_sim.protocol.commands import (
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
from tla_sim.protocol.firmware import MAX_CHUNKS
from tla_sim.protocol.load import bitmap_of
from tla_sim.protocol.status import Status
from tla_sim.reader_fw.app.dispatch import handles
from tla_sim.reader_fw.app.refusal import Refusal

if TYPE_CHECKING:
    from tla_sim.reader_fw.app.log_sv import LogSv
    from tla_sim.reader_fw.app.session import Session


@handles(OPEN_UPDATE)
def open_update(app: LogSv, _: Session, request: UpdateOpening) -> UpdateOpened:
    """Begin or resume."""
    _check_closed(app)
    present = app.firmware.open(request.head, *_on_board(app))
    return UpdateOpened(bitmap_of(present, MAX_CHUNKS))


@handles(UPDATE_BLOCK)
def update_block(app: LogSv, _: Session, request: UpdateBlock) -> UpdateProgress:
    """Take one chunk in."""
    _check_closed(app)
    return UpdateProgress(app.firmware.write(request.position, request.content))


@handles(ACTIVATE_UPDATE)
def activate_update(app: LogSv, _: Session, request: UpdateActivation) -> ActivatedUpdate:
    """Run what was taken in from now on; the reader starts again once this is answered."""
    _check_closed(app)
    manifest = app.firmware.activate(request.image_id, *_on_board(app)).manifest
    return ActivatedUpdate(manifest.major, manifest.minor)


def _check_closed(app: LogSv) -> None:
    if app.board.tamper.tripped:
        raise Refusal(Status.TAMPERED)


def _on_board(app: LogSv) -> tuple[int, int]:
    capacity = app.store.capacity()
    return capacity.owners, capacity.documents
