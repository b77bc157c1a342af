"""From a card's image to its text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from tla_sim.protocol.card_kind import CardKind, CardModel, CardProfile
from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.groups.declaration import decode_typed
from tla_sim.protocol.groups.ps_card import PsHolder
from tla_sim.reader_fw.cards.atr import Transmission
from tla_sim.reader_fw.cards.image import ROOT, Access, CardFile, CardImage, FileKind
from tla_sim.tools.cards.text.certificate import HolderNames
from tla_sim.tools.cards.text.codes import code_told
from tla_sim.tools.cards.text.content import Surroundings, content_told
from tla_sim.tools.cards.text.given import NOTE
from tla_sim.tools.cards.text.keys import keys_told, named_keys
from tla_sim.tools.cards.text.object_names import names_of

FORM: Final = 1
"""The version of the form of card texts."""


def card_text(image: CardImage) -> dict[str, Any]:
    """Return a card as a JSON tree, from which `tla_sim.tools.cards.text.reading` makes the same card.

    It has neither private keys nor codes.
    """
    contents = image.contents
    told: dict[str, Any] = {
        "form": FORM,
        "profile": CardProfile(contents.profile).name,
        "model": CardModel(contents.model).name,
        "kind": CardKind(contents.kind).name,
        "serial": contents.serial,
        "transmission": Transmission(contents.transmission).name,
        "atr": contents.atr.hex().upper(),
    }
    if image.code is not None:
        told["code"] = code_told(image.code, contents.serial)
    around = Surroundings(named_keys(contents.keys), _holder(contents.files))
    written = dict(image.written)
    paths = paths_of(contents.files)
    return told | {
        "keys": keys_told(contents.keys),
        "files": [
            _file(place, file, paths, written.get(place), around, contents.profile == CardProfile.VITALE)
            for place, file in enumerate(contents.files)
        ],
    }


def paths_of(files: Sequence[CardFile]) -> list[str]:
    """Return each file's path from the MF: identifiers of four hexadecimal digits, slashes between."""
    paths: list[str] = []
    for file in files:
        above = "" if file.parent == ROOT else f"{paths[file.parent]}/"
        paths.append(f"{above}{file.fid:04X}")
    return paths


def _file(
    place: int,
    file: CardFile,
    paths: Sequence[str],
    written: bytes | None,
    around: Surroundings,
    vitale: bool,
) -> dict[str, Any]:
    names = names_of(file.fid, vitale=vitale)
    told: dict[str, Any] = {"path": paths[place]}
    if names.name:
        told[NOTE] = names.name
    told["kind"] = FileKind(file.kind).name
    if file.parent != ROOT and paths.index(paths[file.parent]) != file.parent:
        told["directory"] = file.parent
    if file.sfi:
        told["sfi"] = file.sfi
    told |= {"read": Access(file.read).name, "write": Access(file.write).name}
    if file.aid:
        told["aid"] = file.aid.hex().upper()
    if file.content or file.kind == FileKind.TRANSPARENT:
        told["content"] = content_told(file.content, names, around)
    if written is not None:
        told["written"] = content_told(written, names, around)
    return told


def _holder(files: Sequence[CardFile]) -> HolderNames:
    """Return the names in the first file that is group 1 and no more."""
    for file in files:
        try:
            groups = decode_typed(file.content)
        except CodecError:
            continue
        if len(groups) == 1 and isinstance(groups[0], PsHolder):
            return HolderNames(groups[0].last_name, groups[0].first_name)
    return HolderNames()
