"""Contents kept beside the ledger: scanned pieces, signature images and files of lots, each once, by its
digest.

They are in the directory `LEDGER.pieces`, mode 0700, each named by its SHA-256, which is checked on reading.
A content is on the disk before the ledger mentions it, as a part (`tla_sim.host.part_file`) held by its
writer, and gets its name after. A cut leaves only such a part. If the ledger mentions it, it gets its name
when it is next read; if not, and if no program holds it, the next `keeping` deletes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.ledger.pieces import mentions
from tla_sim.host.part_file import SUFFIX, Part, intended_name, leftovers
from tla_sim.host.regular_file import check_regular, read_regular
from tla_sim.host.whole_file import sync_directory, written_part
from tla_sim.protocol.documents.invoice import digest
from tla_sim.protocol.errors import Category, TlaError

MAX_CONTENT_BYTES: Final = 512 * 1024 * 1024


class PieceLost(TlaError):
    """A content that the ledger mentions is missing or was altered."""

    category = Category.BAD_INPUT


class PieceStore:
    """The contents beside a ledger. Raises `PieceLost` when one cannot be written or was altered."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.directory = Path(f"{ledger.path}.pieces")

    @contextmanager
    def keeping(self, *contents: bytes) -> Iterator[tuple[bytes, ...]]:
        """Keep contents while the ledger is made to mention them, and yield their digests.

        At the end, contents that the ledger mentions are kept for good and the others deleted, together with
        leftovers of earlier cuts. A content that exists is not written again.
        """
        names = tuple(digest(each) for each in contents)
        with ExitStack() as held:
            parts: list[tuple[bytes, Part]] = []
            with self._on_disk():
                self.directory.mkdir(mode=0o700, exist_ok=True)
                self._sweep()
                for name, content in zip(names, contents, strict=True):
                    if not self._is_there(name):
                        part = held.enter_context(written_part(self._path(name), content))
                        parts.append((name, part))
                if parts:
                    sync_directory(self.directory)
            held.callback(self._settle, parts)
            yield names

    def get(self, name: bytes) -> bytes:
        """Return a content by its digest. Raises `PieceLost`."""
        path = self._path(name)
        try:
            content = self._read(name)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise PieceLost(
                "{path} cannot be read: {reason}",
                "Restore {directory} from a backup",
                path=path,
                reason=reason,
                directory=self.directory,
            ) from None
        if digest(content) != name:
            raise PieceLost(
                "{path} is not what was written",
                "Restore {directory} from a backup",
                path=path,
                directory=self.directory,
            )
        return content

    def _settle(self, parts: list[tuple[bytes, Part]]) -> None:
        """Name the parts that the ledger mentions now; the others are deleted when they are released."""
        for name, part in parts:
            try:
                if mentions(self._ledger, name):
                    part.give(self._path(name))
            except (OSError, TlaError):
                # The ledger may mention it all the same: reading then finds it by its part.
                part.leave()

    def _sweep(self) -> None:
        """Delete leftovers that no transaction came to mention, and name those that one did."""
        for part in leftovers(self.directory):
            name = _digest_in(intended_name(part))
            if name is None or not mentions(self._ledger, name) or self._is_there(name):
                part.discard()
            else:
                part.give(self._path(name))

    def _read(self, name: bytes) -> bytes:
        """Return a content, even from a part: the program that writes it may not have named it yet, or may
        have been cut just before."""
        with suppress(FileNotFoundError):
            return read_regular(self._path(name), MAX_CONTENT_BYTES)
        for path in self.directory.glob(f".{name.hex()}.*{SUFFIX}"):
            with suppress(FileNotFoundError):
                content = read_regular(path, MAX_CONTENT_BYTES)
                if digest(content) == name:
                    return content
        return read_regular(self._path(name), MAX_CONTENT_BYTES)

    def _is_there(self, name: bytes) -> bool:
        try:
            check_regular(self._path(name))
        except FileNotFoundError:
            return False
        return True

    @contextmanager
    def _on_disk(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise PieceLost(
                "{path} cannot be written: {reason}",
                "Check the folder, its permissions and the space on its disk",
                path=error.filename or self.directory,
                reason=str(error.strerror).lower(),
            ) from None

    def _path(self, name: bytes) -> Path:
        return self.directory / name.hex()


def _digest_in(name: str) -> bytes | None:
    with suppress(ValueError):
        return bytes.fromhex(name)
    return None
