"""The outbox: a directory into which documents leave, each as one file that is there whole or not at all."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from host.documents import DocumentId
from host.whole_file import sync_directory, write_whole
from protocol.errors import TlaError
from protocol.fse import DocumentKind

SUFFIX: Final = ".fse"
_NAME: Final = re.compile(r"[0-9]{1,9}-[0-9]{1,9}-(?:fse|dre)\.fse")


class OutboxConflict(TlaError):
    """A file of the same name with other content is in the outbox; it was not touched."""


class OutboxUnusable(TlaError):
    """The directory cannot be written."""


def file_name(document: DocumentId) -> str:
    """The name of a document's file: `75629690-190305028-fse.fse`. Raises ValueError for what is no number,
    so that no name can lead out of the directory."""
    owner, number, kind = document
    name = f"{owner}-{number}-{DocumentKind(kind).name.lower()}{SUFFIX}"
    if _NAME.fullmatch(name) is None:
        raise ValueError(f"{name!r} is no name for a document")
    return name


class Outbox:
    """A directory for documents that leave. It is made, readable by its owner only, if it is not there.

    Raises OutboxUnusable.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise self._unusable(error) from None

    def put(self, document: DocumentId, content: bytes) -> Path:
        """Write a document's file, mode 0600; its path. Its name is only safe on the disk after `sync`.

        The same content there already is left as it is. Raises OutboxConflict, OutboxUnusable.
        """
        return self.put_named(file_name(document), content)

    def put_named(self, name: str, content: bytes) -> Path:
        """The same under a name of the caller's own making, never one from outside."""
        path = self.directory / name
        try:
            if path.exists():
                with path.open("rb") as file:
                    if file.read(len(content) + 1) == content:
                        return path
                raise OutboxConflict(
                    f"{path} is there with other content", "Look at both, and move that file away"
                )
            write_whole(path, content)
        except OSError as error:
            raise self._unusable(error) from None
        return path

    def sync(self) -> None:
        """Have the names of all files reach the disk. Raises OutboxUnusable."""
        try:
            sync_directory(self.directory)
        except OSError as error:
            raise self._unusable(error) from None

    def _unusable(self, error: OSError) -> OutboxUnusable:
        return OutboxUnusable(
            f"{error.filename or self.directory}: {error.strerror or error}",
            "Check the directory, its permissions and the space on its disk",
        )
