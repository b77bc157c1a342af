"""Contents beside the ledger: scanned pieces, signature images and files of lots, each once, by its digest.

They lie in the directory `LEDGER.pieces`, mode 0700, each named by its SHA-256; reading checks it. A content
is on the disk before the ledger mentions it, so a cut leaves at most one that nobody mentions.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.whole_file import FileUnusable, read_whole, sync_directory, write_whole
from tla_sim.protocol.documents.invoice import digest
from tla_sim.protocol.errors import Category, TlaError

MAX_CONTENT_BYTES: Final = 512 * 1024 * 1024


class PieceLost(TlaError):
    """A content that the ledger mentions is not there, or not as it was written."""

    category = Category.BAD_INPUT


class PieceStore:
    """The contents beside a ledger. Raises PieceLost when one cannot be written or was altered."""

    def __init__(self, ledger: Ledger) -> None:
        self.directory = Path(f"{ledger.path}.pieces")

    def put(self, content: bytes) -> bytes:
        """Keep a content; its digest. One that is there is not written again."""
        name = digest(content)
        path = self._path(name)
        try:
            self.directory.mkdir(mode=0o700, exist_ok=True)
            if not path.exists():
                write_whole(path, content)
                sync_directory(self.directory)
        except OSError as error:
            raise PieceLost(
                f"{path} cannot be written: {str(error.strerror).lower()}",
                "Check the folder, its permissions and the space on its disk",
            ) from None
        return name

    def get(self, name: bytes) -> bytes:
        """A content by its digest."""
        try:
            content = read_whole(self._path(name), MAX_CONTENT_BYTES)
        except FileUnusable as error:
            raise PieceLost(error.message, f"Restore {self.directory} from a backup") from None
        if digest(content) != name:
            raise PieceLost(
                f"{self._path(name)} is not what was written", f"Restore {self.directory} from a backup"
            )
        return content

    def _path(self, name: bytes) -> Path:
        return self.directory / name.hex()
