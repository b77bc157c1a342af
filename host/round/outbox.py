"""The outbox: a directory for documents that leave, each as one file that exists whole or not at all.

What must leave only once is first staged under a hidden name that no program takes, then released by
renaming. A staged file that is gone was released, whatever happened to it since.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tla_sim.host.part_file import sweep
from tla_sim.host.regular_file import read_beginning
from tla_sim.host.whole_file import sync_directory, write_whole
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.errors import Category, TlaError

SUFFIX: Final = ".fse"
STAGED: Final = ".leaving"
_STAGED_NAME: Final = re.compile(rf"\.(.+)\.[0-9a-f]{{8}}{re.escape(STAGED)}")
_NAME: Final = re.compile(r"[0-9]{1,9}-[0-9]{1,9}-(?:fse|dre)\.fse")


class OutboxConflict(TlaError):
    """The outbox holds a file of the same name with other content, which was not touched."""

    category = Category.BAD_INPUT


class OutboxUnusable(TlaError):
    """The directory cannot be written."""

    category = Category.BAD_INPUT


def file_name(document: DocumentId) -> str:
    """Return the name of a document's file: `75629690-190305028-fse.fse`.

    Raises `ValueError` for malformed numbers, so that no name can lead out of the directory.
    """
    owner, number, kind = document
    name = f"{owner}-{number}-{kind.name.lower()}{SUFFIX}"
    if _NAME.fullmatch(name) is None:
        raise ValueError(f"{name!r} is no name for a document")
    return name


class Outbox:
    """A directory for documents that leave, created with access for its owner only if it does not exist.

    What killed programs were writing into it is deleted. Raises `OutboxUnusable`.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        except FileExistsError:
            raise OutboxUnusable(
                "{directory} is not a folder", "Name a folder", directory=directory
            ) from None
        except OSError as error:
            raise self._unusable(error) from None
        sweep(directory)

    @classmethod
    def of(cls, place: Outbox | str | os.PathLike[str]) -> Outbox:
        """Return the outbox in a directory; an `Outbox` is returned unchanged. Raises `OutboxUnusable`."""
        return place if isinstance(place, Outbox) else cls(Path(place))

    def put(self, document: DocumentId, content: bytes) -> Path:
        """Write a document's file, mode 0600; return its path.

        Its name is only safe on the disk after `sync`. A file with the same content is left as it is. Raises
        `OutboxConflict`, `OutboxUnusable`.
        """
        path = self.directory / file_name(document)
        if not self._is_there(path, content):
            self._write(path, content)
        return path

    def stage(self, name: str, content: bytes) -> Path:
        """Write a file under a hidden name, whole and synced to the disk; return its absolute path.

        `name`, never one from outside, is the name for `release`. Raises `OutboxConflict` when another file
        has it, `OutboxUnusable`.
        """
        self._is_there(self.directory / name, content)
        staged = self.directory.absolute() / f".{name}.{secrets.token_hex(4)}{STAGED}"
        self._write(staged, content)
        self.sync()
        return staged

    def release(self, staged: Path, name: str) -> bool:
        """Give a staged file its name, on the disk; return whether it was still staged.

        Raises `OutboxUnusable`.
        """
        try:
            staged.rename(staged.with_name(name))
        except FileNotFoundError:
            return False
        except OSError as error:
            raise self._unusable(error) from None
        self.sync()
        return True

    def discard(self, staged: Path) -> None:
        """Delete a staged file."""
        with contextlib.suppress(OSError):
            staged.unlink()

    def list_staged(self) -> Iterator[tuple[str, Path]]:
        """Yield the staged files, each with the name for its release."""
        for path in sorted(self.directory.glob(f".*{STAGED}")):
            found = _STAGED_NAME.fullmatch(path.name)
            if found is not None:
                yield found[1], path

    def _is_there(self, path: Path, content: bytes) -> bool:
        try:
            if read_beginning(path, len(content) + 1) == content:
                return True
        except FileNotFoundError:
            return False
        except OSError as error:
            raise self._unusable(error, path) from None
        raise OutboxConflict(
            "{path} is there with other content", "Look at both, and move that file away", path=path
        )

    def _write(self, path: Path, content: bytes) -> None:
        try:
            write_whole(path, content)
        except OSError as error:
            raise self._unusable(error) from None

    def sync(self) -> None:
        """Sync the names of all files to the disk. Raises `OutboxUnusable`."""
        try:
            sync_directory(self.directory)
        except OSError as error:
            raise self._unusable(error) from None

    def _unusable(self, error: OSError, file: Path | None = None) -> OutboxUnusable:
        """Return the error about a file, or about the directory: the hidden names that files have on their
        way say nothing to people."""
        return OutboxUnusable(
            "{path}: {reason}",
            "Check the directory, its permissions and the space on its disk",
            path=file or self.directory,
            reason=error.strerror or error,
        )
