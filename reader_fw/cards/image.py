"""The image of a card: everything that a card contains and remembers, with a checksum.

File form (Project-defined): magic, version, contents (as issued, never changed), code state (counters and
hashed codes), what was written to files since, SHA-256 of all before it. Private keys are in clear, since
these are test cards. Form 1, before 0.2, is read: it has no models, no writable files and nothing written.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Annotated, Final, NamedTuple

from tla_sim.protocol.card_kind import CardKind, CardModel, CardProfile
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

VERSION: Final = 2
_FORMER_VERSION: Final = 1
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
    written: Annotated[bytes, blob32("what was written to files since the card was issued")]

    def __repr__(self) -> str:
        # The bytes have the private keys and the hashes of the codes.
        return f"_Body({len(self.contents)} bytes)"


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
    """Who may read or write a file: anyone, anyone after the code porteur was verified, or nobody."""

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
    write: int = choice(Access, "who may write it")
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
    model: int = choice(CardModel, "generation")
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


class WrittenFile(NamedTuple):
    """What a writable file holds instead of what it was issued with."""

    place: Annotated[int, u16("place of the file in the list")]
    content: Annotated[bytes, blob16("its bytes")]


class _Written(NamedTuple):
    """All that was written."""

    files: Annotated[tuple[WrittenFile, ...], records(WrittenFile, "in order of place, each at most once")]


_CONTENTS: Final = Record(CardContents)
CODE: Final = Record(CodeState)
"""The code state in bytes, in every form."""
_WRITTEN: Final = Record(_Written)


class CardImage:
    """A card: contents, code state (`None` for a card without a code), written files; and its bytes."""

    def __init__(
        self, contents: CardContents, code: CodeState | None, written: tuple[WrittenFile, ...] = ()
    ) -> None:
        self.contents = contents
        self.code = code
        self.written = written
        self._fixed_part: bytes | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CardImage) and self._parts() == other._parts()

    def __hash__(self) -> int:
        return hash(self._parts())

    def __repr__(self) -> str:
        profile = CardProfile(self.contents.profile).name
        return f"CardImage({profile} {self.contents.serial}, {self.code})"

    @property
    def files(self) -> tuple[CardFile, ...]:
        """The card's files with what they hold now."""
        now = list(self.contents.files)
        for place, content in self.written:
            now[place] = replace(now[place], content=content)
        return tuple(now)

    def with_code(self, code: CodeState) -> CardImage:
        """Return the same card with another code state; the part that never changes is not built again."""
        return self._changed(code, self.written)

    def with_written(self, place: int, content: bytes) -> CardImage:
        """Return the same card with another content in the file at `place`, which must be transparent."""
        others = (each for each in self.written if each.place != place)
        return self._changed(self.code, tuple(sorted((*others, WrittenFile(place, content)))))

    def build(self) -> bytes:
        """Return the image's bytes. Raises CodecError when a part does not fit its declaration."""
        if self._fixed_part is None:
            self._fixed_part = _CONTENTS.build(self.contents)
        code = b"" if self.code is None else CODE.build(self.code)
        written = _WRITTEN.build(_Written(self.written)) if self.written else b""
        body = _HEAD.build(_Head(_MAGIC, VERSION)) + _BODY.build(_Body(self._fixed_part, code, written))
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
            if version == 0 or hashlib.sha256(body).digest() != digest:
                raise _corrupted()
            image = _parse_former(body[start:]) if version == _FORMER_VERSION else _parse(body[start:])
        except CodecError:
            raise _corrupted() from None
        _check_tree(image)
        return image

    def _parts(self) -> tuple[CardContents, CodeState | None, tuple[WrittenFile, ...]]:
        return self.contents, self.code, self.written

    def _changed(self, code: CodeState | None, written: tuple[WrittenFile, ...]) -> CardImage:
        image = CardImage(self.contents, code, written)
        image._fixed_part = self._fixed_part
        return image


def _parse(body: bytes) -> CardImage:
    row = _BODY.parse(body)
    contents = _CONTENTS.parse(row.contents)
    written = _WRITTEN.parse(row.written).files if row.written else ()
    return CardImage(contents, CODE.parse(row.code) if row.code else None, written)


def _parse_former(body: bytes) -> CardImage:
    from tla_sim.reader_fw.cards.former_image import parse_former

    return CardImage(*parse_former(body))


def _check_tree(image: CardImage) -> None:
    files = image.contents.files
    for place, file in enumerate(files):
        directory = file.kind == FileKind.DIRECTORY
        if place == 0:
            sound = directory and file.parent == ROOT
        else:
            sound = file.parent < place and files[file.parent].kind == FileKind.DIRECTORY
        if not sound or file.sfi > MAX_SFI:
            raise _corrupted()
    places = [each.place for each in image.written]
    known = all(place < len(files) and files[place].kind == FileKind.TRANSPARENT for place in places)
    if not files or not known or places != sorted(set(places)):
        raise _corrupted()


def _corrupted() -> CardImageCorrupted:
    return CardImageCorrupted(
        "The card is damaged: its bytes do not match their checksum", "Restore the file, or issue it again"
    )
