"""Contents beside the ledger: scanned pieces, signature images and files of lots, each once, by its digest.

They lie in the directory `LEDGER.pieces`, mode 0700, each named by its SHA-256; reading checks it. A content
is on the disk before the ledger mentions it, as a part (`tla_sim.host.part_file`) that is held meanwhile, and
gets its name after. What a cut leaves is such a part: mentioned, it gets its name when it is next wanted;
mentioned by nobody and held by nobody, it is taken away by the next that keeps something.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.ledger.pieces import mentions
from tla_sim.host.part_file import SUFFIX, Part, leftovers, made_for
from tla_sim.host.regular_file import check_regular, read_regular
from tla_sim.host.whole_file import sync_directory, written_part
from tla_sim.protocol.documents.invoice import digest
from tla_sim.protocol.errors import Category, TlaError

MAX_CONTENT_BYTES: Final = 512 * 1024 * 1024


class PieceLost(TlaError):
    """A content that the ledger mentions is not there, or not as it was written."""

    category = Category.BAD_INPUT


class PieceStore:
    """The contents beside a ledger. Raises PieceLost when one cannot be written or was altered."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.directory = Path(f"{ledger.path}.pieces")

    @contextmanager
    def keeping(self, *contents: bytes) -> Iterator[tuple[bytes, ...]]:
        """Keep contents while the ledger is made to mention them; their digests.

        What is in the ledger at the end is kept for good, the rest is taken away again, and so is what a cut
        left before. One that is there is not written again.
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
        """A content by its digest."""
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
        """Name what the ledger mentions now; what it does not goes when it is let go of."""
        for name, part in parts:
            try:
                if mentions(self._ledger, name):
                    part.give(self._path(name))
            except (OSError, TlaError):
                # The ledger may mention it all the same: reading finds it by its part.
                part.leave()

    def _sweep(self) -> None:
        """Take away what no cut transaction came to mention, and name what one did."""
        for part in leftovers(self.directory):
            name = _digest_in(made_for(part))
            if name is None or not mentions(self._ledger, name) or self._is_there(name):
                part.discard()
            else:
                part.give(self._path(name))

    def _read(self, name: bytes) -> bytes:
        """What a content has, even as a part: its program may be, or have been cut, just before naming it."""
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
