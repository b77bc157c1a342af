"""The list of files of a card being issued, in the order of its image."""

from __future__ import annotations

from typing import Final

from tla_sim.protocol.errors import CodecError
from tla_sim.reader_fw.cards.file_system import MF_FID
from tla_sim.reader_fw.cards.image import ROOT, Access, CardFile, FileKind

SERIAL_DIGITS: Final = 20
MAX_FILE_BYTES: Final = 0x7FFF
"""As far as the 15-bit offset of READ BINARY reaches."""


def serial_bytes(serial: str) -> bytes:
    """Return a card serial number of 20 digits as 10 bytes, two digits each (ISO/IEC 7812 in EF.SN)."""
    return bytes.fromhex(serial)


class FileList:
    """Collects files in the order of the image: the MF first, and directories before what they contain."""

    def __init__(self, aid: bytes) -> None:
        """Begin with an MF that has this name, empty for none."""
        self._files = [CardFile(ROOT, FileKind.DIRECTORY, MF_FID, 0, Access.ALWAYS, Access.NEVER, aid, b"")]

    def directory(self, fid: int, aid: bytes) -> int:
        """Add a DF under the MF; return its place."""
        self._files.append(CardFile(0, FileKind.DIRECTORY, fid, 0, Access.ALWAYS, Access.NEVER, aid, b""))
        return len(self._files) - 1

    def add(
        self,
        directory: int,
        fid: int,
        content: bytes,
        sfi: int = 0,
        *,
        read: Access = Access.ALWAYS,
        write: Access = Access.NEVER,
    ) -> None:
        """Add a file to the directory at a place. Raises CodecError for one too long."""
        if len(content) > MAX_FILE_BYTES:
            raise CodecError(
                "File {fid:04X} would take {size} bytes of {most}",
                "Shorten its groups",
                fid=fid,
                size=len(content),
                most=MAX_FILE_BYTES,
            )
        self._files.append(CardFile(directory, FileKind.TRANSPARENT, fid, sfi, read, write, b"", content))

    def all(self) -> tuple[CardFile, ...]:
        """Return all the files."""
        return tuple(self._files)
