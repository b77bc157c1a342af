"""Kinds of files between a practice and its recipients: files of lots, and the ARLs that answer them."""

from __future__ import annotations

import io
import json
import zipfile
from functools import cache
from typing import Final

from tla_sim.host.sending.arl import Rejection, compose, parse_arl
from tla_sim.host.sending.lot_file import SignedLot, build_file, read_file, verify_file
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import DocumentKind
from tla_sim.tools.fuzz import players
from tla_sim.tools.fuzz.chance import Chance, pick
from tla_sim.tools.fuzz.mutation import mutated
from tla_sim.tools.fuzz.targets.file_kind import FileKind, tweak_tree
from tla_sim.tools.judge.signatures import ANCHORS
from tla_sim.tools.judge.violation import Violation

_COMPRESSIONS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
_IDENTITY: Final = "0123456789abcdef"


@cache
def _lot_files() -> tuple[bytes, ...]:
    from tla_sim.tools.fuzz.targets.sample_fses import signed_lot

    lot, block, contents = signed_lot()
    return (build_file("2019-03-05T08:00:00", (SignedLot(lot, block, contents),), {})[1],)


@cache
def _parts() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(_lot_files()[0])) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _tweaked_lot_file(chance: Chance) -> bytes:
    parts = list(_parts().items())
    at, other = chance.below(len(parts)), chance.below(len(parts))
    name, content = parts[at]
    match chance.below(6):
        case 0:
            del parts[at]
        case 1:
            parts[at] = (name, parts[other][1])
        case 2:
            parts.append(
                (pick(chance, (name + "x", "../" + name, "lots/002/header", "pieces/0.pdf")), content)
            )
        case 3:
            tree = json.loads(_parts()["file.json"])
            tweak_tree(tree, chance)
            parts[0] = ("file.json", json.dumps(tree).encode())
        case 4:
            parts[at] = (name, mutated(content, chance))
        case _:
            pass
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", pick(chance, _COMPRESSIONS)) as archive:
        for each, content in parts:
            archive.writestr(zipfile.ZipInfo(each), content, archive.compression)
    raw = out.getvalue()
    return raw if chance.below(2) else mutated(raw, chance)


def _read_lot_file(raw: bytes) -> None:
    found = read_file(raw)
    verify_file(found, ANCHORS)
    known = _parts()
    for each in found.lots:
        parts = (each.lot.header_bytes(), each.lot.list_bytes(), *each.contents)
        if any(part not in known.values() for part in parts):
            raise Violation("signature", "an altered file of lots verifies")


def _arls() -> tuple[bytes, ...]:
    rejected = Rejection(
        DocumentId(players.OWNERS[0], "190305001", DocumentKind.FSE), "E01", "Numéro inconnu"
    )
    return (
        compose(_IDENTITY, bytes(32), [rejected]),
        compose(_IDENTITY, bytes(32), refusal=("F1", "Fichier refusé")),
    )


def _tweaked_arl(chance: Chance) -> bytes:
    tree = json.loads(pick(chance, _arls()))
    for _ in range(1 + chance.below(2)):
        tweak_tree(tree, chance)
    return json.dumps(tree).encode()


def _read_arl(raw: bytes) -> None:
    found = parse_arl(raw)
    refusal = None if found.accepted else (found.code, found.reason)
    again = parse_arl(compose(found.identity, found.digest, found.rejections, refusal))
    if (again.identity, again.digest, again.accepted, again.rejections) != (
        *(found.identity, found.digest, found.accepted),
        found.rejections,
    ):
        raise Violation("round trip", "an ARL reads back differently")


LOT_FILE: Final = FileKind(_lot_files, _read_lot_file, _tweaked_lot_file)
ARL: Final = FileKind(_arls, _read_arl, _tweaked_arl)
