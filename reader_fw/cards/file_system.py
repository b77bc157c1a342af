"""A card's files: the tree of directories and transparent files, found as SELECT finds them.

Source: ISO/IEC 7816-4 §5.3 (structures), §5.3.3 (file control parameters), §7.1.1 (SELECT). Access rules
are written in the compact form of §5.4.3.1, as IAS-ECC cards do.
"""

from __future__ import annotations

from typing import Final

from tla_sim.protocol.tlv import Tlv
from tla_sim.reader_fw.cards.image import ROOT, Access, CardFile, FileKind

MF_FID: Final = 0x3F00

_ACCESS_MODES: Final = 0x7B
"""Delete, activate, deactivate, create or update, and read: the six whose conditions follow."""
_NEVER: Final = 0xFF
_CONDITION: Final = {Access.ALWAYS: 0x00, Access.CODE: 0x13, Access.NEVER: _NEVER}
"""Security condition bytes; 13 is "user authentication, as security environment 3 says"."""


class FileSystem:
    """The files of one card. A file is named by its place in the image's list; the MF is 0.

    Every search answers `None` for what is not there.
    """

    def __init__(self, files: tuple[CardFile, ...]) -> None:
        self._files = files
        self._by_fid: dict[tuple[int, int], int] = {}
        self._by_sfi: dict[tuple[int, int], int] = {}
        for place, file in enumerate(files):
            self._by_fid.setdefault((file.parent, file.fid), place)
            if file.sfi:
                self._by_sfi.setdefault((file.parent, file.sfi), place)
        self._parameters: dict[int, bytes] = {}

    def file(self, place: int) -> CardFile:
        """Return the file at a place that a search gave."""
        return self._files[place]

    def is_directory(self, place: int) -> bool:
        """Return whether it is the MF or a DF."""
        return self._files[place].kind == FileKind.DIRECTORY

    def directory_of(self, place: int) -> int:
        """Return the directory itself, or the one a transparent file is in."""
        return place if self.is_directory(place) else self._files[place].parent

    def child(self, directory: int, fid: int, kind: FileKind | None = None) -> int | None:
        """Return the file with this identifier in a directory, of a kind if one is given."""
        place = self._by_fid.get((directory, fid))
        if place is None or (kind is not None and self._files[place].kind != kind):
            return None
        return place

    def short(self, directory: int, sfi: int) -> int | None:
        """Return the file with this short identifier in a directory."""
        return self._by_sfi.get((directory, sfi))

    def parent(self, directory: int) -> int | None:
        """Return the directory above one; the MF has none."""
        above = self._files[directory].parent
        return None if above == ROOT else above

    def application(self, name: bytes) -> int | None:
        """Return the first directory whose application identifier begins with `name` (1..16 bytes)."""
        return next(
            (
                place
                for place, file in enumerate(self._files)
                if name and file.kind == FileKind.DIRECTORY and file.aid.startswith(name)
            ),
            None,
        )

    def path(self, start: int, path: bytes) -> int | None:
        """Return the file at the end of a path of 2-byte identifiers; one that begins with 3F00 starts at
        the MF.
        """
        if not path or len(path) % 2:
            return None
        fids = [int.from_bytes(path[at : at + 2], "big") for at in range(0, len(path), 2)]
        place = start
        if fids[0] == MF_FID:
            place = 0
            fids = fids[1:]
        for fid in fids:
            found = self.child(place, fid)
            if found is None:
                return None
            place = found
        return place

    def near(self, directory: int, fid: int) -> int | None:
        """Return a file by identifier alone: the MF, a child, the directory itself, its parent, a sibling
        DF.
        """
        if fid == MF_FID:
            return 0
        found = self.child(directory, fid)
        if found is not None:
            return found
        above = self.parent(directory)
        if self._files[directory].fid == fid or above is None:
            return directory if self._files[directory].fid == fid else None
        return above if self._files[above].fid == fid else self.child(above, fid, FileKind.DIRECTORY)

    def parameters(self, place: int) -> bytes:
        """Return the file control parameters (template 62): size, descriptor, names, life cycle, access
        rules.
        """
        known = self._parameters.get(place)
        if known is None:
            known = self._parameters[place] = Tlv(0x62, _parameters(self._files[place])).build()
        return known

    def information(self, place: int) -> bytes:
        """Return the file control information (template 6F) that SELECT with P2 = 00 gives: the same
        objects.
        """
        return Tlv(0x6F, _parameters(self._files[place])).build()


def _parameters(file: CardFile) -> tuple[Tlv, ...]:
    fid = file.fid.to_bytes(2, "big")
    life_cycle = Tlv(0x8A, b"\x05")
    if file.kind == FileKind.DIRECTORY:
        name = (Tlv(0x84, file.aid),) if file.aid else ()
        return (Tlv(0x82, b"\x38"), Tlv(0x83, fid), *name, life_cycle, _access_rules(_NEVER))
    short = (Tlv(0x88, bytes((file.sfi << 3,))),) if file.sfi else ()
    return (
        Tlv(0x80, len(file.content).to_bytes(2, "big")),
        Tlv(0x82, b"\x01"),
        Tlv(0x83, fid),
        *short,
        life_cycle,
        _access_rules(_CONDITION[Access(file.read)]),
    )


def _access_rules(read: int) -> Tlv:
    return Tlv(0xA1, (Tlv(0x8C, bytes((_ACCESS_MODES,)) + b"\xff" * 5 + bytes((read,))),))
