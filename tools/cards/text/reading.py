"""From a card's text to its image."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from tla_sim.host.practice.problem import FlawedFile, Problem, place
from tla_sim.host.strict_json import JsonFlawed, Locator, decode_text, parse
from tla_sim.protocol.card_kind import CardKind, CardModel, CardProfile
from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.sentence import Sentence
from tla_sim.reader_fw.cards.atr import Transmission, is_whole
from tla_sim.reader_fw.cards.file_list import SERIAL_DIGITS
from tla_sim.reader_fw.cards.image import (
    MAX_IMAGE_BYTES,
    MAX_SFI,
    ROOT,
    Access,
    CardContents,
    CardFile,
    CardImage,
    CardImageRefused,
    CodeState,
    FileKind,
    WrittenFile,
)
from tla_sim.reader_fw.cards.models import MODELS
from tla_sim.reader_fw.cards.pki import FreshKeys, KeySource
from tla_sim.tools.cards.text.codes import code_given
from tla_sim.tools.cards.text.content import Surroundings, content_given
from tla_sim.tools.cards.text.export import FORM
from tla_sim.tools.cards.text.given import Flawed, Flaws, Given
from tla_sim.tools.cards.text.keys import keys_given, named_keys

MAX_TEXT_BYTES: Final = 8 * 1024 * 1024
"""The largest card text that is read, in bytes."""

_MAX_ATR: Final = 33
_MAX_AID: Final = 16
_FID: Final = re.compile("[0-9A-Fa-f]{4}")
_HEAD: Final = ("form", "profile", "model", "kind", "serial", "transmission", "atr", "keys", "files")


class CardTextError(FlawedFile):
    """A card text cannot be used. `problems` lists the errors found, each with its place and line."""


def read_card_text(
    raw: bytes, name: str = "the card text", base: CardImage | None = None, fresh: KeySource | None = None
) -> CardImage:
    """Return the card that a text describes; errors call the text `name`. Raises CardTextError.

    `base` gives the keys and codes that the text only names; `fresh` makes keys that the text asks for.
    """
    if _is_card(raw):
        expected = Sentence("its text, as tla cards export writes it")
        problem = Problem("", 0, Sentence("a card itself"), expected)
        raise CardTextError(name, [problem])
    try:
        text = decode_text(raw)
        tree = parse(text)
    except JsonFlawed as flawed:
        raise CardTextError(
            name,
            [Problem(place(each.location), each.line, each.found, each.expected) for each in flawed.flaws],
        ) from None
    try:
        return card_of_tree(tree, base, fresh)
    except _Unusable as unusable:
        lines = Locator(text)
        problems = [
            Problem(place(each.location), lines.line(each.location), each.found, each.expected)
            for each in unusable.flaws
        ]
        raise CardTextError(name, sorted(problems, key=lambda each: each.line)) from None


def _is_card(raw: bytes) -> bool:
    try:
        CardImage.parse(raw)
    except CardImageRefused:
        return False
    return True


class _Unusable(Exception):
    def __init__(self, flaws: list[Flawed]) -> None:
        super().__init__()
        self.flaws = flaws


def card_of_tree(tree: object, base: CardImage | None, fresh: KeySource | None) -> CardImage:
    """Return the card that a JSON tree describes. Raises _Unusable."""
    flaws = Flaws()
    image = None
    with flaws.kept():
        image = _card(Given(tree), flaws, base, fresh or FreshKeys())
    if flaws.found or image is None:
        raise _Unusable(flaws.found)
    return image


def _card(given: Given, flaws: Flaws, base: CardImage | None, fresh: KeySource) -> CardImage | None:
    members = given.members(_HEAD, ("code",))
    flaws.take(lambda: members["form"].whole(FORM, FORM))
    profile = flaws.take(lambda: members["profile"].word(CardProfile))
    model = None if profile is None else flaws.take(lambda: _model(members["model"], profile))
    kind = flaws.take(lambda: members["kind"].word(CardKind))
    serial = flaws.take(lambda: _serial(members["serial"]))
    transmission = flaws.take(lambda: members["transmission"].word(Transmission))
    atr = flaws.take(lambda: _atr(members["atr"]))
    code: CodeState | None = None
    if "code" in members:
        code = flaws.take(lambda: code_given(members["code"], serial or "", base))
    keys = flaws.take(lambda: keys_given(members["keys"], base, fresh))
    # Without its keys, the certificates would be found wrong as well.
    tree = None if keys is None else _files(members["files"], flaws, Surroundings(named_keys(keys)))
    if flaws.found or tree is None or keys is None:
        return None
    if profile is None or model is None or kind is None or serial is None:
        return None
    if transmission is None or atr is None:
        return None
    contents = CardContents(profile, model, kind, serial, transmission, atr, tuple(tree.files), keys)
    image = CardImage(contents, code, tuple(tree.written))
    try:
        return CardImage.parse(image.build())
    except TlaError:
        raise members["files"].flawed(
            Sentence("files that fit on a card, at most {most} bytes in all", most=MAX_IMAGE_BYTES)
        ) from None


def _serial(given: Given) -> str:
    serial = given.text()
    if len(serial) != SERIAL_DIGITS or not (serial.isascii() and serial.isdigit()):
        raise given.flawed(Sentence("{digits} digits", digits=SERIAL_DIGITS))
    return serial


def _model(given: Given, profile: CardProfile) -> CardModel:
    model = given.word(CardModel)
    if model not in MODELS[profile]:
        raise given.flawed(Sentence("one of {words}", words=", ".join(each.name for each in MODELS[profile])))
    return model


def _atr(given: Given) -> bytes:
    raw = given.octets(2, _MAX_ATR)
    if raw[0] not in (0x3B, 0x3F) or not is_whole(raw):
        raise given.flawed(Sentence("an answer to reset: 3B or 3F, and as many bytes as it announces"))
    return raw


class _Tree:
    """The files read so far, and the first directory at each path."""

    def __init__(self) -> None:
        self.files: list[CardFile] = []
        self.written: list[WrittenFile] = []
        self._paths: list[str] = []
        self._directories: dict[str, int] = {}

    def add(self, members: dict[str, Given]) -> int:
        """Add a file by path and kind alone. Return its place. Raises Flawed."""
        kind = members["kind"].word(FileKind)
        parent, fid = self._find(members)
        here = f"{fid:04X}" if parent == ROOT else f"{self._paths[parent]}/{fid:04X}"
        self.files.append(CardFile(parent, kind, fid, 0, Access.ALWAYS, Access.NEVER, b"", b""))
        self._paths.append(here)
        if kind is FileKind.DIRECTORY:
            self._directories.setdefault(here, len(self._paths) - 1)
        return len(self.files) - 1

    def _find(self, members: dict[str, Given]) -> tuple[int, int]:
        """Return the place of a file's directory, and its identifier."""
        path = members["path"]
        *above, own = path.text().split("/")
        if not _FID.fullmatch(own):
            raise path.flawed(Sentence("identifiers of four hexadecimal digits with slashes between"))
        fid = int(own, 16)
        if not self.files:
            return ROOT, fid
        parent = self._directories.get("/".join(above).upper())
        if "directory" in members:
            parent = members["directory"].whole(0, len(self.files) - 1)
        if parent is None or self.files[parent].kind != FileKind.DIRECTORY:
            raise path.flawed(Sentence("a file in a directory that stands before it"))
        return parent, fid


def _files(given: Given, flaws: Flaws, around: Surroundings) -> _Tree:
    tree = _Tree()
    items = given.items()
    if not items:
        raise given.flawed(Sentence("the MF, and the files in it"))
    for item in items:
        with flaws.kept():
            members = item.members(
                ("path", "kind", "read", "write"), ("directory", "sfi", "aid", "content", "written")
            )
            place = tree.add(members)
            _fill(tree, place, item, members, around)
    return tree


def _fill(tree: _Tree, place: int, given: Given, members: dict[str, Given], around: Surroundings) -> None:
    """Give a file all but its path and kind. Raises Flawed."""
    file = tree.files[place]
    directory = file.kind == FileKind.DIRECTORY
    if not directory and "content" not in members:
        given.members(("content",), members)
    tree.files[place] = replace(
        file,
        sfi=members["sfi"].whole(0, MAX_SFI) if "sfi" in members else 0,
        read=members["read"].word(Access),
        write=members["write"].word(Access),
        aid=members["aid"].octets(0, _MAX_AID) if "aid" in members else b"",
        content=content_given(members["content"], around) if "content" in members else b"",
    )
    if "written" in members:
        if directory:
            raise members["written"].flawed(Sentence("nothing, since a directory has no content"))
        tree.written.append(WrittenFile(place, content_given(members["written"], around)))
