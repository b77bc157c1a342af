"""A card's files: the tree of directories and transparent files, searched as SELECT requires.

Source: ISO/IEC 7816-4 §5.3 (structures), §5.3.3 (file control parameters), §7.1.1 (SELECT). Access rules
are in the compact form of §5.4.3.1, as on IAS-ECC cards.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from tla_sim.protocol.tlv import Tlv
from tla_sim.reader_fw.cards.image import ROOT, Access, CardFile, FileKind

MF_FID: Final = 0x3F00
_MF_PATH: Final = MF_FID.to_bytes(2, "big")

_ACCESS_MODES: Final = 0x7B
"""Conditions follow for delete, terminate, activate, deactivate, create or update, and read."""
_CONDITION: Final = {Access.ALWAYS: 0x00, Access.CODE: 0x13, Access.NEVER: 0xFF}
"""Security condition bytes; 13 is "user authentication, as in security environment 3"."""


class FileSystem:
    """The files of one card. A file is identified by its place in the image's list; the MF is 0.

    Every search returns `None` for a file that does not exist.
    """

    def __init__(self, files: tuple[CardFile, ...]) -> None:
        self._files = list(files)
        self._by_fid: dict[tuple[int, int], int] = {}
        self._by_sfi: dict[tuple[int, int], int] = {}
        self._named = [
            (file.aid, place)
            for place, file in enumerate(files)
            if file.aid and file.kind == FileKind.DIRECTORY
        ]
        for place, file in enumerate(files):
            self._by_fid.setdefault((file.parent, file.fid), place)
            # A command by short identifier reads or writes, which no directory can.
            if file.sfi and file.kind == FileKind.TRANSPARENT:
                self._by_sfi.setdefault((file.parent, file.sfi), place)
        self._described: dict[tuple[int, int], bytes] = {}

    def file(self, place: int) -> CardFile:
        """Return the file at a place that a search returned."""
        return self._files[place]

    def replace(self, place: int, content: bytes) -> None:
        """Give the transparent file at a place another content of the same size."""
        self._files[place] = replace(self._files[place], content=content)

    def is_directory(self, place: int) -> bool:
        """Return whether the file is the MF or a DF."""
        return self._files[place].kind == FileKind.DIRECTORY

    def directory_of(self, place: int) -> int:
        """Return the directory of a transparent file; a directory itself."""
        file = self._files[place]
        return place if file.kind == FileKind.DIRECTORY else file.parent

    def find_child(self, directory: int, fid: int, kind: FileKind | None = None) -> int | None:
        """Return the file with this identifier in a directory, of `kind` if that is given."""
        place = self._by_fid.get((directory, fid))
        if place is None or (kind is not None and self._files[place].kind != kind):
            return None
        return place

    def find_short(self, directory: int, sfi: int) -> int | None:
        """Return the transparent file with this short identifier in a directory."""
        return self._by_sfi.get((directory, sfi))

    def find_parent(self, directory: int) -> int | None:
        """Return the directory above this one; there is none above the MF."""
        above = self._files[directory].parent
        return None if above == ROOT else above

    def find_application(self, name: bytes) -> int | None:
        """Return the first directory whose application identifier begins with `name` (1..16 bytes)."""
        if name:
            for aid, place in self._named:
                if aid.startswith(name):
                    return place
        return None

    def find_path(self, start: int, path: bytes) -> int | None:
        """Return the file at the end of a path of 2-byte identifiers from `start`, after 3F00 from the MF."""
        if not path or len(path) % 2:
            return None
        from_mf = path.startswith(_MF_PATH)
        place: int | None = 0 if from_mf else start
        for at in range(len(_MF_PATH) if from_mf else 0, len(path), 2):
            if place is None:
                return None
            place = self._by_fid.get((place, path[at] << 8 | path[at + 1]))
        return place

    def find_near(self, directory: int, fid: int) -> int | None:
        """Return a file by identifier alone: the MF, a child, the directory, its parent or a sibling DF."""
        if fid == MF_FID:
            return 0
        found = self.find_child(directory, fid)
        if found is not None:
            return found
        above = self.find_parent(directory)
        if self._files[directory].fid == fid or above is None:
            return directory if self._files[directory].fid == fid else None
        return above if self._files[above].fid == fid else self.find_child(above, fid, FileKind.DIRECTORY)

    def parameters(self, place: int) -> bytes:
        """Return the file control parameters (template 62): size, descriptor, names, life cycle, access."""
        return self._describe(0x62, place)

    def information(self, place: int) -> bytes:
        """Return the file control information (template 6F) for SELECT with P2 = 00: the same objects."""
        return self._describe(0x6F, place)

    def _describe(self, template: int, place: int) -> bytes:
        known = self._described.get((template, place))
        if known is None:
            # Nothing in it ever changes: a file keeps its size.
            known = Tlv(template, _parameters(self._files[place])).build()
            self._described[template, place] = known
        return known


def _parameters(file: CardFile) -> tuple[Tlv, ...]:
    fid = file.fid.to_bytes(2, "big")
    life_cycle = Tlv(0x8A, b"\x05")
    if file.kind == FileKind.DIRECTORY:
        name = (Tlv(0x84, file.aid),) if file.aid else ()
        return (
            Tlv(0x82, b"\x38"),
            Tlv(0x83, fid),
            *name,
            life_cycle,
            _access_rules(Access.NEVER, Access.NEVER),
        )
    short = (Tlv(0x88, bytes((file.sfi << 3,))),) if file.sfi else ()
    return (
        Tlv(0x80, len(file.content).to_bytes(2, "big")),
        Tlv(0x82, b"\x01"),
        Tlv(0x83, fid),
        *short,
        life_cycle,
        _access_rules(Access(file.write), Access(file.read)),
    )


def _access_rules(update: Access, read: Access) -> Tlv:
    conditions = bytes((_CONDITION[update], _CONDITION[read]))
    return Tlv(0xA1, (Tlv(0x8C, bytes((_ACCESS_MODES,)) + b"\xff" * 4 + conditions),))
