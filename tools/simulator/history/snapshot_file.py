"""Snapshot files, which other machines open. Project-defined.

Magic, version (u16), header and body (each behind its length, u32), SHA-256 of all before it. The header is
JSON for whoever wants to know what the file is; the body is the state as JSON behind its length, then the
bytes that the state gives the lengths of: device key, seed, flash, inputs, hashes of codes, cards.

Format 2 says what the reader began with, and names card files without their folders. A file of format 1
opens: its seed and profile are those of the reader where it has them, and its folders are left out.

A file holds private test keys and what was loaded, so only its owner may read it. It holds no code porteur.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from tla_sim import __version__
from tla_sim.host.whole_file import read_whole, replace_file
from tla_sim.protocol.errors import Category, TlaError
from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.simulator.history.inputs import without_folder
from tla_sim.tools.simulator.history.snapshot import Snapshot
from tla_sim.tools.simulator.history.snapshot_state import Header, State, cold_of, header_of, state_of

FORMAT: Final = 2
_OLDEST: Final = 1
_WITHOUT_FOLDERS: Final = 2
SUFFIX: Final = ".snapshot"
MAX_BYTES: Final = 256 * 1024 * 1024
"""The largest file that is read."""
_MAGIC: Final = b"TLA-SIM SNAPSHOT\n"
_VERSION: Final = struct.Struct(">H")
_LENGTH: Final = struct.Struct(">I")
_DIGEST: Final = 32
_RESTORE: Final = Sentence("Restore the file from a copy, or take the snapshot again")

Read = TypeVar("Read")
Model = TypeVar("Model", bound=BaseModel)


class _File(NamedTuple):
    """The parts of a snapshot file, checked against their checksum."""

    version: int
    header: Header
    body: bytes


class SnapshotRefused(TlaError):
    """A snapshot file cannot be used; the subclasses say why."""

    category = Category.BAD_INPUT


class NotASnapshot(SnapshotRefused):
    """The bytes are something else than a snapshot."""


class SnapshotNewer(SnapshotRefused):
    """The snapshot was written by a later version of this program."""


class SnapshotDamaged(SnapshotRefused):
    """The snapshot was cut short or altered."""


class SnapshotUnwritable(TlaError):
    """The snapshot's file cannot be written."""

    category = Category.BAD_INPUT


def write_snapshot(path: Path, snapshot: Snapshot) -> None:
    """Write a snapshot to a file that only its owner may read, whole or not at all.

    Raises SnapshotUnwritable.
    """
    try:
        replace_file(path, build_snapshot(snapshot))
    except OSError as error:
        raise SnapshotUnwritable(
            "{path} cannot be written: {reason}",
            "Choose another path, or check the disk",
            path=path,
            reason=(error.strerror or str(error)).lower(),
        ) from None


def read_snapshot(path: Path) -> Snapshot:
    """Return the snapshot in a file. Raises FileUnusable, and SnapshotRefused with the path."""
    return _read(path, parse_snapshot)


def read_header(path: Path) -> Header:
    """Return what a snapshot file says of itself. Raises as `read_snapshot`."""
    return _read(path, lambda raw: _split(raw).header)


def build_snapshot(snapshot: Snapshot) -> bytes:
    """Return the bytes of a snapshot file."""
    header = header_of(snapshot, __version__).model_dump_json().encode()
    state, blobs = state_of(snapshot)
    told = state.model_dump_json().encode()
    body = b"".join((_LENGTH.pack(len(told)), told, *blobs))
    parts = _MAGIC, _VERSION.pack(FORMAT), _LENGTH.pack(len(header)), header, _LENGTH.pack(len(body)), body
    content = b"".join(parts)
    return content + hashlib.sha256(content).digest()


def parse_snapshot(raw: bytes) -> Snapshot:
    """Return the snapshot in the bytes of a file. Raises SnapshotRefused."""
    version, header, body = _split(raw)
    try:
        (size,) = _LENGTH.unpack_from(body)
        state = _model(State, body[_LENGTH.size : _LENGTH.size + size])
        snapshot = cold_of(header, state, body[_LENGTH.size + size :])
        if version < _WITHOUT_FOLDERS:
            return snapshot.with_cards(lambda _, name: without_folder(name))
        return snapshot
    except (struct.error, ValueError, TlaError):
        raise _damaged() from None


def _read(path: Path, parse: Callable[[bytes], Read]) -> Read:
    raw = read_whole(path, MAX_BYTES)
    try:
        return parse(raw)
    except SnapshotRefused as error:
        raise type(error)("{path}: {reason}", error.action, path=path, reason=error.message) from None


def _split(raw: bytes) -> _File:
    if not raw.startswith(_MAGIC):
        raise NotASnapshot("This is not a snapshot of a reader", "Give a .snapshot file")
    try:
        at = len(_MAGIC)
        (version,) = _VERSION.unpack_from(raw, at)
        if version > FORMAT:
            raise SnapshotNewer(
                "The snapshot was written by a newer version (format {version}, this is {known})",
                "Update tla-sim, or take the snapshot again with this version",
                version=version,
                known=FORMAT,
            )
        content, digest = raw[:-_DIGEST], raw[-_DIGEST:]
        if version < _OLDEST or hashlib.sha256(content).digest() != digest:
            raise _damaged()
        header, at = _piece(content, at + _VERSION.size)
        body, at = _piece(content, at)
        if at != len(content):
            raise _damaged()
        return _File(version, _model(Header, header), body)
    except struct.error:
        raise _damaged() from None


def _piece(content: bytes, at: int) -> tuple[bytes, int]:
    (size,) = _LENGTH.unpack_from(content, at)
    start = at + _LENGTH.size
    if start + size > len(content):
        raise _damaged()
    return content[start : start + size], start + size


def _model(kind: type[Model], raw: bytes) -> Model:
    try:
        return kind.model_validate_json(raw, strict=True)
    except ValidationError:
        raise _damaged() from None


def _damaged() -> SnapshotDamaged:
    return SnapshotDamaged("The snapshot is damaged: its bytes do not match their checksum", _RESTORE)
