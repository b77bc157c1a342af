"""The practice's whole round by the SSV functions, as practice software in Python goes through it.

    whole_round.py LIBRARY load FOLDER ZONE...   identify the reader, set its clock, load prepared invoices
    whole_round.py LIBRARY bring FOLDER          by the card in the slot: unload, sign, lots and files, erase
    whole_round.py LIBRARY answer FOLDER ARL...  take the recipients' answers

It needs nothing but the library: LIBRARY is the path of libssvlux.so. The code porteur is in CODE_PORTEUR.
What comes is kept in FOLDER: zones as text, a line for each group (number, occurrence, fields in hexadecimal,
an empty one as -), documents and files as they are.
"""

from __future__ import annotations

import ctypes
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

HELD, LINK_PROTOCOL, VITALE_ABSENT, OUTPUT = 0x0004, 0x0200, 0xF011, 0xF800
PS, READER = b"CPS", b"Log_SV"
SITUATION, DOCUMENT, FILE_HEAD, PART = 2, 9310, 9321, 9322


class Refused(Exception):
    """A function returned something else than 0."""

    def __init__(self, name: str, code: int) -> None:
        super().__init__(f"{name}: {code:04X}")
        self.code = code


class Ssv:
    """The library, with functions that return zones as bytes."""

    def __init__(self, path: str) -> None:
        self._library = ctypes.CDLL(path)
        self._library.SSV_LibererZoneMem.restype = None

    def call(self, name: str, *arguments: Any) -> None:
        """Call a function; call it again after 0200, and every 100 ms while the reader is held by another."""
        function = getattr(self._library, name)
        function.restype = ctypes.c_ushort
        for _ in range(250):
            code: int = function(*arguments)
            if code == HELD:
                print("held", flush=True)
                time.sleep(0.1)
            elif code != LINK_PROTOCOL:
                break
        if code:
            raise Refused(name, code)

    def zone(self, name: str, *arguments: Any) -> bytes:
        """Call a function that gives one zone."""
        zone, size = ctypes.c_void_p(), ctypes.c_size_t()
        self.call(name, *arguments, ctypes.byref(zone), ctypes.byref(size))
        return self._taken(zone.value, size.value)

    def zones(self, name: str, *arguments: Any, room: int = 1) -> list[bytes]:
        """Call a function that gives several zones: again with larger arrays if these are too small."""
        while True:
            count, zones, sizes = ctypes.c_short(room), (ctypes.c_void_p * room)(), (ctypes.c_size_t * room)()
            try:
                self.call(name, *arguments, ctypes.byref(count), zones, sizes)
            except Refused as refused:
                if refused.code != OUTPUT or count.value <= room:
                    raise
                room = count.value
            else:
                return [self._taken(zones[at], sizes[at]) for at in range(count.value)]

    def _taken(self, zone: int | None, size: int) -> bytes:
        copy = ctypes.string_at(zone, size) if zone else b""
        self._library.SSV_LibererZoneMem(ctypes.c_void_p(zone))
        return copy


def zone_in(zone: bytes) -> tuple[Any, Any]:
    """One zone as arguments."""
    return ctypes.c_char_p(zone), ctypes.c_size_t(len(zone))


def zones_in(zones: Sequence[bytes]) -> tuple[Any, Any, Any]:
    """Several zones as arguments."""
    many = len(zones)
    return ctypes.c_short(many), (ctypes.c_char_p * many)(*zones), (ctypes.c_size_t * many)(*map(len, zones))


def length_at(raw: bytes, at: int) -> tuple[int, int]:
    """The length of a group or field, and where its content begins."""
    if raw[at] < 0x80:
        return raw[at], at + 1
    many = raw[at] & 0x7F
    return int.from_bytes(raw[at + 1 : at + 1 + many]), at + 1 + many


def groups_of(raw: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """The groups of a zone."""
    at = 0
    while at < len(raw):
        group = int.from_bytes(raw[at : at + 2])
        length, at = length_at(raw, at + 2)
        end, fields = at + length, []
        while at < end:
            length, at = length_at(raw, at)
            fields.append(raw[at : at + length])
            at += length
        yield group, fields


def keep(folder: Path, name: str, zones: Iterable[bytes]) -> None:
    """Keep zones as text."""
    seen: Counter[int] = Counter()
    lines = []
    for group, fields in (each for zone in zones for each in groups_of(zone)):
        seen[group] += 1
        lines.append(" ".join([f"{group} {seen[group]}", *(each.hex() or "-" for each in fields)]) + "\n")
    (folder / name).write_text("".join(lines))


def load(ssv: Ssv, folder: Path, zones: Sequence[str]) -> None:
    """Identify the reader, set its clock, and load invoices."""
    keep(folder, "identity.txt", [ssv.zone("SSV_IdentifierTLA", READER, b"1.40")])
    keep(folder, "config.txt", [ssv.zone("SSV_LireConfig")])
    ssv.call("SSV_MajDateLecteur", READER, b"20190305080000")
    moment = ctypes.create_string_buffer(13)
    ssv.call("SSV_LireDateLecteur", READER, moment)
    (folder / "clock.txt").write_bytes(moment.value)
    prepared = zones_in([Path(each).read_bytes() for each in zones])
    keep(
        folder, "loaded.txt", ssv.zones("SSV_ChargerFacturesPdT", READER, b"", *prepared, room=2 * len(zones))
    )


def bring(ssv: Ssv, folder: Path) -> None:
    """Unload, sign finally, make lots and files, and erase."""
    card = (PS, READER, os.environ["CODE_PORTEUR"].encode())
    holder = ssv.zone("SSV_LireCartePS", *card)
    keep(folder, "card.txt", [holder])
    mine = next(fields[8] for group, fields in groups_of(holder) if group == SITUATION)
    try:
        keep(folder, "rights.txt", [ssv.zone("SSV_LireDroitsVitale", *card, b"20190305")])
    except Refused as refused:
        if refused.code != VITALE_ABSENT:
            raise
    keep(folder, "beneficiaries.txt", ssv.zones("SSV_DechargerBeneficiaires", *card, b""))
    for_lots = []
    for zone in ssv.zones("SSV_DechargerFSETLA", *card, b""):
        fields = keep_document(folder, "unloaded", zone)
        said = ssv.zone("SSV_TraduireFSE", *zone_in(zone))
        keep(folder, f"said-{name_of(fields)}.txt", [said])
        if fields[0] == mine and fields[3] == b"COMPLETE":
            for_lots.append(zone)
    signed = ssv.zone("SSV_SecuriserFacture", *card, ctypes.c_char(0), b"", *zone_in(b""))
    for zone in documents_of(signed):
        keep_document(folder, "final", zone)
        for_lots.append(zone)
    if for_lots:
        lots = ssv.zones("SSV_FormaterLot", *card, *zones_in(for_lots))
        keep(folder, "lots.txt", lots)
        keep_files(folder, ssv.zone("SSV_FormaterFichier", *zone_in(b"".join(lots))))
    ssv.call("SSV_EffacerTLA", *card, b"", b"")


def name_of(fields: Sequence[bytes]) -> str:
    """A document's owner, number and kind."""
    return "-".join(each.decode() for each in fields[:3])


def documents_of(zone: bytes) -> Iterator[bytes]:
    """The groups of a zone, each as a zone of its own."""
    at = 0
    while at < len(zone):
        length, content = length_at(zone, at + 2)
        yield zone[at : content + length]
        at = content + length


def keep_document(folder: Path, what: str, zone: bytes) -> list[bytes]:
    """Keep the bytes of a document, and return the fields about it."""
    ((group, fields),) = groups_of(zone)
    assert group == DOCUMENT
    (folder / f"{what}-{name_of(fields)}.fse").write_bytes(fields[5])
    return fields


def keep_files(folder: Path, zone: bytes) -> None:
    """Keep each file under its identity."""
    files: dict[str, bytes] = {}
    for group, fields in groups_of(zone):
        if group == FILE_HEAD:
            identity = fields[0].decode()
            files[identity] = b""
        elif group == PART:
            files[identity] += fields[1]
    for identity, content in files.items():
        (folder / f"file-{identity}.zip").write_bytes(content)


def main(library: str, what: str, kept: str, *paths: str) -> None:
    """Go through one part of the round."""
    ssv, folder = Ssv(library), Path(kept)
    ssv.call("SSV_InitLIB")
    if what == "load":
        load(ssv, folder, paths)
    elif what == "bring":
        bring(ssv, folder)
    elif what == "answer":
        answers = [Path(each).read_bytes() for each in paths]
        keep(folder, "answers.txt", [ssv.zone("SSV_TraduireARL", *zones_in(answers))])
    ssv.call("SSV_TermLIB")


if __name__ == "__main__":
    main(*sys.argv[1:])
