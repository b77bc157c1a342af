"""The image of a card: everything that a card contains and remembers, with a checksum.

File form (Project-defined): magic, version, contents (as issued, never changed), code state (counters and
hashed codes), SHA-256 of all before it. Private keys are in clear, since these are test cards.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated, Final, NamedTuple

from tla_sim.protocol.card_kind import CardKind, CardProfile
from tla_sim.protocol.errors import Category, CodecError, TlaError
from tla_sim.protocol.wire.record import (
    Record,
    blob8,
    blob16,
    blob32,
    boolean,
    choice,
    fixed,
    records,
    string,
    u8,
    u16,
)
from tla_sim.reader_fw.cards.atr import Transmission

VERSION: Final = 1
MAX_IMAGE_BYTES: Final = 1_048_576
MAX_SFI: Final = 30
ROOT: Final = 0xFFFF
"""The parent of the MF."""

_MAGIC: Final = b"TLA-SIM CARD\n"
_DIGEST_BYTES: Final = 32


class _Head(NamedTuple):
    """The start of an image."""

    magic: Annotated[bytes, fixed(len(_MAGIC), "TLA-SIM CARD and a line feed")]
    version: Annotated[int, u16("of the format")]


class _Body(NamedTuple):
    """The part of an image between head and checksum."""

    contents: Annotated[bytes, blob32("as issued, never changed")]
    code: Annotated[bytes, blob8("the code state, empty for a card without a code")]


_HEAD: Final = Record(_Head)
_BODY: Final = Record(_Body)


class CardImageRefused(TlaError):
    """A card image cannot be used; the subclasses say why."""

    category = Category.BAD_INPUT

    ssv = 0xF004


class CardImageCorrupted(CardImageRefused):
    """The bytes are not a card image, or were altered or truncated."""


class CardImageNewer(CardImageRefused):
    """The image was written by a later version of this program."""


class Access(IntEnum):
    """Who may read a file: anyone, anyone after the code porteur was verified, or nobody."""

    ALWAYS = 0
    CODE = 1
    NEVER = 2


class FileKind(IntEnum):
    """A directory (MF or DF), or a transparent file (EF)."""

    DIRECTORY = 0
    TRANSPARENT = 1


class Operation(IntEnum):
    """The uses of a key; the values are bits."""

    SIGN = 1
    AUTHENTICATE = 2
    DECIPHER = 4


@dataclass(frozen=True)
class CardFile:
    """One file. `parent` is the place of its directory in the list, which comes before it."""

    parent: int = u16("place of the directory it is in; FFFF for the MF, which stands first")
    kind: int = choice(FileKind, "directory or transparent file")
    fid: int = u16("file identifier")
    sfi: int = u8("short file identifier 1..30, 0 for none")
    read: int = choice(Access, "who may read it")
    aid: bytes = blob8("application identifier of a directory, else empty")
    content: bytes = blob16("bytes of a transparent file, else empty")


@dataclass(frozen=True)
class CardKey:
    """One private key and what it may be used for."""

    reference: int = u8("key reference as MSE SET names it")
    operations: int = u8("sum of the operations it may be used for")
    needs_code: bool = boolean("only after the code porteur was verified")
    pkcs8: bytes = blob16("the key, PKCS#8 DER")

    def __repr__(self) -> str:
        return f"CardKey({self.reference:02X})"

    def may(self, operation: Operation) -> bool:
        """Return whether the key may be used for an operation."""
        return bool(self.operations & operation)


@dataclass(frozen=True)
class CardContents:
    """What a card was issued with and keeps for good."""

    profile: int = choice(CardProfile, "CPS, CPE or Vitale")
    kind: int = choice(CardKind, "test or real")
    serial: str = string("card serial number, 20 digits")
    transmission: int = choice(Transmission, "T=0 or T=1")
    atr: bytes = blob8("answer to reset")
    files: tuple[CardFile, ...] = records(CardFile, "MF first, a directory before what it holds")
    keys: tuple[CardKey, ...] = records(CardKey, "in order of reference")


@dataclass(frozen=True)
class CodeState:
    """The code porteur and the unblocking code, hashed, with their counters."""

    salt: bytes = fixed(16, "salt of the code's hash")
    digest: bytes = fixed(32, "hash of the code")
    tries_left: int = u8("wrong codes still allowed, 0 when blocked")
    unblock_salt: bytes = fixed(16, "salt of the unblocking code's hash")
    unblock_digest: bytes = fixed(32, "hash of the unblocking code")
    unblocks_left: int = u8("presentations of the unblocking code still allowed")

    def __repr__(self) -> str:
        return f"CodeState(tries_left={self.tries_left}, unblocks_left={self.unblocks_left})"


_CONTENTS: Final = Record(CardContents)
_CODE: Final = Record(CodeState)


class CardImage:
    """A card's contents and code state (`None` for a card without a code), with their bytes."""

    def __init__(self, contents: CardContents, code: CodeState | None) -> None:
        self.contents = contents
        self.code = code
        self._fixed_part: bytes | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CardImage) and self.contents == other.contents and self.code == other.code

    def __hash__(self) -> int:
        return hash((self.contents, self.code))

    def __repr__(self) -> str:
        profile = CardProfile(self.contents.profile).name
        return f"CardImage({profile} {self.contents.serial}, {self.code})"

    def with_code(self, code: CodeState) -> CardImage:
        """Return the same card with another code state; the part that never changes is not built again."""
        image = CardImage(self.contents, code)
        image._fixed_part = self._fixed_part
        return image

    def build(self) -> bytes:
        """Return the image's bytes. Raises CodecError when a part does not fit its declaration."""
        if self._fixed_part is None:
            self._fixed_part = _CONTENTS.build(self.contents)
        code = b"" if self.code is None else _CODE.build(self.code)
        body = _HEAD.build(_Head(_MAGIC, VERSION)) + _BODY.build(_Body(self._fixed_part, code))
        return body + hashlib.sha256(body).digest()

    @classmethod
    def parse(cls, raw: bytes) -> CardImage:
        """Return the card in `raw`, at most 1 MiB. Raises CardImageCorrupted, CardImageNewer."""
        if len(raw) > MAX_IMAGE_BYTES or not raw.startswith(_MAGIC):
            raise CardImageCorrupted("This is not a card", "Give a .card file, or issue the card again")
        try:
            (_, version), start = _HEAD.parse_prefix(raw)
            if version > VERSION:
                raise CardImageNewer(
                    "The card was written by a newer version (format {version}, this is {known})",
                    "Update tla-sim, or issue the card again with this version",
                    version=version,
                    known=VERSION,
                )
            body, digest = raw[:-_DIGEST_BYTES], raw[-_DIGEST_BYTES:]
            if version != VERSION or hashlib.sha256(body).digest() != digest:
                raise _corrupted()
            row = _BODY.parse(body[start:])
            contents = _CONTENTS.parse(row.contents)
            code = _CODE.parse(row.code) if row.code else None
        except CodecError:
            raise _corrupted() from None
        _check_tree(contents.files)
        return cls(contents, code)


def _check_tree(files: tuple[CardFile, ...]) -> None:
    for place, file in enumerate(files):
        directory = file.kind == FileKind.DIRECTORY
        if place == 0:
            sound = directory and file.parent == ROOT
        else:
            sound = file.parent < place and files[file.parent].kind == FileKind.DIRECTORY
        if not sound or file.sfi > MAX_SFI:
            raise _corrupted()
    if not files:
        raise _corrupted()


def _corrupted() -> CardImageCorrupted:
    return CardImageCorrupted(
        "The card is damaged: its bytes do not match their checksum", "Restore the file, or issue it again"
    )
